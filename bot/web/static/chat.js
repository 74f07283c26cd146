// Makes the page smooth; without it everything works by forms and links. Written for old browsers too.
(function () {
  "use strict";
  var log = document.getElementById("log");
  var choices = document.getElementById("choices");
  var text = document.getElementById("text");
  var form = document.getElementById("answer");
  var welcome = document.getElementById("welcome");
  var why = document.getElementById("why");
  var away = document.getElementById("away");
  var fault = document.getElementById("fault");
  var tickets = document.getElementsByName("ticket");
  var touch = "ontouchstart" in window; // there a focus opens the keyboard over the buttons
  var PAUSE = 2000, HIDDEN = 30000, PATIENCE = 15000; // milliseconds
  var sending = null; // the name and the value that are under way, or were not taken
  var busy = false, waiting = null, timer = 0;
  if (!window.XMLHttpRequest || !document.addEventListener) { return; }

  function toEnd() { if (form.scrollIntoView) { form.scrollIntoView(false); } }

  function request(method, url, body, done, failed) {
    var ask = new XMLHttpRequest();
    ask.open(method, url);
    ask.timeout = PATIENCE;
    ask.onload = function () { done(ask.status, ask.responseText); };
    ask.onerror = ask.ontimeout = failed;
    if (body) { ask.setRequestHeader("Content-Type", "application/x-www-form-urlencoded"); }
    ask.send(body);
  }

  function look() {
    clearTimeout(timer);
    request("GET", log.getAttribute("data-messages") + "?after=" + log.getAttribute("data-count"), null, shown, later);
  }

  function shown(status, body) {
    away.hidden = status !== 503;
    if (status === 200) {
      var answer = JSON.parse(body);
      append(answer.lines);
      choices.innerHTML = answer.choices; // made by our own template, which escapes what people write
      log.setAttribute("data-count", answer.count);
      if (!busy && !sending) { renew(answer.ticket); } // what may have arrived is sent again under its own
      if (welcome) { welcome.hidden = true; }
      toEnd();
    }
    later();
  }

  // Only what is new: who hears the page read aloud hears it once.
  function append(lines) {
    var fresh = document.createElement("ol");
    fresh.innerHTML = lines;
    while (fresh.firstElementChild) {
      var line = fresh.firstElementChild;
      fresh.removeChild(line);
      if (!document.getElementById(line.id)) { log.appendChild(line); }
    }
  }

  // Each message has a ticket of its own: the same words to another question are another message.
  function renew(ticket) {
    for (var n = 0; n < tickets.length; n++) { tickets[n].value = ticket; }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(look, document.hidden ? HIDDEN : PAUSE);
  }

  function clicked(event) {
    var button = event.target;
    if (button.tagName !== "BUTTON" || button.type !== "submit" || !button.form || !button.form.ticket) { return; }
    if (button.getAttribute("data-plain")) { return; }
    var field = button.name ? [button.name, button.value] : ["text", text.value];
    event.preventDefault();
    if (!button.name && !field[1].replace(/\s/g, "") && sending && !busy) { field = sending; }
    if (!field[1].replace(/\s/g, "")) { return; }
    if (!button.name && !busy) { text.value = ""; } // what is typed from now on is another message
    if (busy) {
      if (!sending || sending[0] !== field[0] || sending[1] !== field[1]) { waiting = button; }
      return;
    }
    send(field, button);
  }

  // A message that is refused is sent once more by the form itself: the page that comes says why, and keeps the words.
  function send(field, button) {
    var body = "ticket=" + encodeURIComponent(tickets[0].value) + "&" + field[0] + "=" + encodeURIComponent(field[1]);
    busy = true;
    sending = field;
    request("POST", form.action, body, function (status, page) {
      var fresh = /name="ticket" value="([^"]+)"/.exec(page);
      busy = false;
      fault.hidden = true;
      if (status !== 200 || !fresh) {
        if (field[0] === "text" && !button.name) { text.value = field[1]; }
        button.setAttribute("data-plain", "1");
        button.click();
        return;
      }
      sending = null;
      if (why) { why.hidden = true; }
      renew(fresh[1]);
      if (!touch) { text.focus(); }
      look();
      if (waiting) { var next = waiting; waiting = null; next.click(); }
    }, function () {
      busy = false;
      waiting = null;
      if (field[0] === "text" && !button.name && !text.value) { text.value = field[1]; }
      fault.hidden = false;
    });
  }

  document.addEventListener("click", clicked);
  text.addEventListener("keydown", function (event) {
    if (event.keyCode === 13 && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.querySelector(".send").click();
    }
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
  toEnd();
  if (!touch) { text.focus(); }
  later();
})();

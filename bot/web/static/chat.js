// Makes the page smooth; without it everything works by forms and links. Written for old browsers too.
(function () {
  "use strict";
  var log = document.getElementById("log");
  var choices = document.getElementById("choices");
  var text = document.getElementById("text");
  var form = document.getElementById("answer");
  var welcome = document.getElementById("welcome");
  var fault = document.getElementById("fault");
  var tickets = document.getElementsByName("ticket");
  var PAUSE = 2000, HIDDEN = 30000, PATIENCE = 15000; // milliseconds
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
    if (status === 200) {
      var answer = JSON.parse(body);
      log.innerHTML = answer.lines; // made by our own template, which escapes what people write
      choices.innerHTML = answer.choices;
      log.setAttribute("data-count", answer.count);
      renew(answer.ticket);
      if (welcome) { welcome.hidden = true; }
      toEnd();
    }
    later();
  }

  // Each message has a ticket of its own: the same words to another question are another message.
  function renew(ticket) {
    for (var n = 0; n < tickets.length; n++) { tickets[n].value = ticket; }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(look, document.hidden ? HIDDEN : PAUSE);
  }

  // A message that is refused is sent once more by the form itself: the page that comes says why, and keeps the words.
  function send(event) {
    var button = event.target;
    if (button.tagName !== "BUTTON" || button.type !== "submit" || button.getAttribute("data-plain")) { return; }
    var field = button.name ? [button.name, button.value] : ["text", text.value];
    event.preventDefault();
    if (!field[1].replace(/\s/g, "")) { return; }
    if (busy) { waiting = button; return; }
    busy = true;
    var body = "ticket=" + encodeURIComponent(tickets[0].value) + "&" + field[0] + "=" + encodeURIComponent(field[1]);
    request("POST", form.action, body, function (status, page) {
      var fresh = /name="ticket" value="([^"]+)"/.exec(page);
      busy = false;
      fault.hidden = true;
      if (status !== 200 || !fresh) { button.setAttribute("data-plain", "1"); button.click(); return; }
      renew(fresh[1]);
      if (field[0] === "text" && text.value === field[1]) { text.value = ""; }
      text.focus();
      look();
      if (waiting) { var next = waiting; waiting = null; next.click(); }
    }, function () {
      busy = false;
      waiting = null;
      fault.hidden = false;
    });
  }

  document.addEventListener("click", send);
  text.addEventListener("keydown", function (event) {
    if (event.keyCode === 13 && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.querySelector(".send").click();
    }
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
  toEnd();
  if (!("ontouchstart" in window)) { text.focus(); }
  later();
})();

// Makes the page smooth; without it everything works by forms and links. Written for old browsers too.
(function () {
  "use strict";
  var log = document.getElementById("log");
  var choices = document.getElementById("choices");
  var text = document.getElementById("text");
  var form = document.getElementById("answer");
  var PAUSE = 2000, HIDDEN = 30000; // milliseconds between two looks, and while nobody looks
  if (!log || !window.XMLHttpRequest) { return; }

  function toEnd() {
    var newest = document.getElementById("newest");
    if (newest && newest.scrollIntoView) { newest.scrollIntoView(false); }
    if (form && form.scrollIntoView) { form.scrollIntoView(false); }
  }

  function look() {
    var ask = new XMLHttpRequest();
    ask.open("GET", log.getAttribute("data-messages") + "?after=" + log.getAttribute("data-count"));
    ask.timeout = 15000;
    ask.onload = function () {
      if (ask.status === 200) {
        var answer = JSON.parse(ask.responseText);
        log.innerHTML = answer.lines; // made by our own template, which escapes what people write
        choices.innerHTML = answer.choices;
        log.setAttribute("data-count", answer.count);
        toEnd();
      }
      later();
    };
    ask.onerror = ask.ontimeout = later;
    ask.send();
  }

  function later() { setTimeout(look, document.hidden ? HIDDEN : PAUSE); }

  text.addEventListener("keydown", function (event) {
    if (event.keyCode === 13 && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (text.value.replace(/\s/g, "")) { form.querySelector(".send").click(); }
    }
  });
  toEnd();
  if (!("ontouchstart" in window)) { text.focus(); }
  later();
})();

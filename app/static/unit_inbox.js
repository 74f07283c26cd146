// Shows what comes in, every second, without closing what somebody has opened or moving their place.
"use strict";

const list = document.getElementById("unit-list");
const total = document.getElementById("unit-total");
let shown = "";

function keepOpen() {
  const open = new Set();
  for (const item of list.querySelectorAll("li:has(details[open])")) open.add(item.dataset.id);
  return open;
}

function show(html) {
  const open = keepOpen();
  const focused = document.activeElement?.closest?.("li")?.dataset.id;
  const known = new Set([...list.querySelectorAll("li")].map((item) => item.dataset.id));
  list.innerHTML = html;
  for (const item of list.querySelectorAll("li[data-id]")) {
    if (open.has(item.dataset.id)) item.querySelector("details").open = true;
    if (!known.has(item.dataset.id)) item.classList.add("fresh");
    if (item.dataset.id === focused) item.querySelector("summary").focus({ preventScroll: true });
  }
  const count = total.dataset.one.replace("{}", list.firstElementChild.dataset.total);
  if (total.textContent !== count) total.textContent = count;
}

async function look() {
  try {
    const answer = await fetch(list.dataset.url, { cache: "no-store" });
    const html = answer.ok ? await answer.text() : shown;
    if (html !== shown) show(html);
    shown = html;
  } catch {
    // The demo is being restarted: look again in a second.
  } finally {
    setTimeout(look, document.hidden ? 5000 : 1000);
  }
}

setTimeout(look, 1000);

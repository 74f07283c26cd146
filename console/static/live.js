// Keeps the page of the day up to date: asks every moment whether it changed, and replaces only what did.
// A row that somebody is typing in, or has opened, stays as it is; everything around it goes on.
"use strict";

const HIDDEN = 5000; // milliseconds between two looks while another tab is in front: its title still counts
const SLOWEST = 10000; // and while nobody answers
const FRESH = 4000; // milliseconds for which a new row is marked
const live = document.getElementById("live");
const said = document.getElementById("alerts-said");
const title = document.title;
const today = document.getElementById("today");
const served = new WeakMap(); // element -> what the server sent
let tag = today.dataset.tag;
let wait = Number(today.dataset.wait);
let latest = null; // the newest page, while a row that it changes is in use

function plain(element) {
  return element.outerHTML.replace(/name="csrf_token" value="[^"]*"/g, ""); // each page brings its own token
}

function remember(element) {
  served.set(element, plain(element));
  if (element.hasAttribute("data-rows")) for (const child of element.children) remember(child);
}

function inUse(element) {
  const box = document.activeElement;
  return element.querySelector("details[open]") || (element.contains(box) && box.matches("input, select, textarea"));
}

function mark(element) {
  for (const row of [element, ...element.querySelectorAll("tr[data-key], li[data-key]")]) {
    if (!row.matches("tr, li")) continue;
    row.classList.add("fresh");
    setTimeout(() => row.classList.remove("fresh"), FRESH);
  }
}

// Makes the keyed children of `old` those of `fresh`. Returns whether a row in use was left as it was.
function patch(old, fresh) {
  let left = false;
  const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set([...fresh.children].map((child) => child.dataset.key));
  for (const [key, child] of known) {
    if (wanted.has(key)) continue;
    if (inUse(child)) left = true;
    else child.remove();
  }
  let place = old.firstElementChild;
  for (const next of [...fresh.children]) {
    const now = known.get(next.dataset.key);
    const stays = now && (now === place || now.contains(document.activeElement));
    if (now === place && place) place = place.nextElementSibling;
    const [row, kept] = now ? update(now, next) : [add(next), false];
    left ||= kept;
    if (!stays) old.insertBefore(row, place);
  }
  return left;
}

// The element to show for `next`, and whether it is an old one in use.
function update(now, next) {
  const html = plain(next);
  if (served.get(now) === html) return [now, false];
  if (now.hasAttribute("data-rows") && next.hasAttribute("data-rows")) {
    const left = patch(now, next);
    if (!left) served.set(now, html);
    return [now, left];
  }
  if (inUse(now)) return [now, true];
  const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
  now.replaceWith(add(next));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return [next, false];
}

function add(next) {
  remember(next);
  mark(next);
  return next;
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("today");
  if (!fresh) return;
  const inside = today.contains(document.activeElement);
  latest = patch(today, fresh) ? html : null;
  if (inside && document.activeElement === document.body) today.focus({ preventScroll: true });
  tell(fresh.dataset);
}

function tell(data) {
  wait = Number(data.wait);
  if (today.dataset.alerts !== data.alerts) said.textContent = data.said;
  today.dataset.alerts = data.alerts;
  document.title = data.alerts === "0" ? title : `(${data.alerts}) ${title}`;
}

function connected(yes) {
  const words = yes ? live.dataset.on : live.dataset.off;
  if (live.textContent !== words) live.textContent = words;
  live.classList.toggle("off", !yes);
}

async function look() {
  let next = document.hidden ? HIDDEN : wait;
  try {
    const answer = await fetch(today.dataset.url, { cache: "no-store", headers: { "If-None-Match": `"${tag}"` } });
    if (answer.status === 401) return location.reload(); // signed out: the page asks for the password
    if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
    if (answer.status === 200) {
      const html = await answer.text();
      show(html);
      tag = (answer.headers.get("ETag") ?? "").replaceAll('"', "");
    }
    connected(true);
  } catch {
    connected(false);
    next = Math.min(SLOWEST, next * 4);
  }
  timer = setTimeout(look, next);
}

function catchUp() {
  setTimeout(() => latest && show(latest), 0);
}

remember(today);
tell(today.dataset);
connected(true);
let timer = setTimeout(look, wait);
today.addEventListener("focusout", catchUp);
today.addEventListener("toggle", catchUp, true);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  clearTimeout(timer);
  look();
});

// The simulated phone: writes, asks every half second what arrived, and moves the demo's clock.

import { install, write } from "./keypad.js";
import { measure } from "./parts.js";
import { day, fill, hour, show } from "./screen.js";

const POLL = 500; // milliseconds
const PATIENCE = 15000;
const RETRIES = [400, 1200];

const at = (id) => document.getElementById(id);
const desk = at("desk");
const field = at("text");
const log = at("log");
const links = [...document.querySelectorAll(".owners [data-number]")];
const price = Number(desk.dataset.price);
const me = desk.dataset.number;

let waits = {};
let count = -1;
let draft = null; // a message that may have arrived: its id is used again, so it cannot arrive twice
let busy = false;
let asking = Promise.resolve();
let timer = 0;

// --- what arrived ---

async function ask() {
  const query = new URLSearchParams({ number: me, after: count });
  for (const link of links) query.append("also", link.dataset.number);
  const answer = await fetch(`${desk.dataset.messages}?${query}`, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(answer.status);
  take(await answer.json());
}

function take(state) {
  takeClock(state);
  if (state.screen) takeScreen(state.screen);
  for (const link of links) mark(link, state.received[link.dataset.number] ?? 0);
}

function takeScreen(screen) {
  const first = count < 0;
  count = screen.count;
  const fresh = show(log, screen.lines, desk.dataset.line);
  at("empty").hidden = count > 0;
  for (const side of ["by_person", "by_us"]) at(side).textContent = fill(desk.dataset.total, screen[side]);
  if (fresh.length) log.scrollTop = log.scrollHeight;
  const arrived = first ? [] : fresh.filter((line) => !line.sent);
  if (arrived.length) at("said").textContent = arrived.map((line) => fill(desk.dataset.arrived, line)).join(" ");
}

function mark(link, received) {
  const key = `seen ${link.dataset.number}`;
  const open = link.dataset.number === me;
  if (open || sessionStorage.getItem(key) === null) sessionStorage.setItem(key, received);
  const unread = Math.max(0, received - Number(sessionStorage.getItem(key)));
  const badge = link.querySelector(".unread");
  badge.hidden = unread === 0;
  badge.textContent = unread ? fill(desk.dataset.unread, { count: unread }) : "";
}

/** Ask, after all that was asked before: answers never overtake each other. */
function refresh() {
  clearTimeout(timer);
  asking = asking.then(ask).then(() => found(), () => complain(desk.dataset.lost, "lost")).then(again);
  return asking;
}

function again() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, POLL);
}

function found() {
  if (at("fault").dataset.why === "lost") complain("");
}

function complain(text, why = "") {
  const fault = at("fault");
  if (why === "lost" && !fault.hidden && fault.dataset.why !== "lost") return; // what was not sent matters more
  fault.dataset.why = why;
  if (fault.textContent !== text) fault.textContent = text;
  fault.hidden = !text;
}

// --- what is written ---

async function send(event) {
  event.preventDefault();
  const text = field.value;
  if (busy || !text.trim()) return;
  busy = true;
  if (draft?.text !== text) draft = { id: newId(), number: me, text };
  const problem = await post(desk.dataset.messages, draft, RETRIES);
  busy = false;
  complain(problem);
  if (problem) return;
  draft = null;
  if (field.value === text) clear();
  await refresh();
}

/** "" when it was taken, else what to tell. Only what may pass by itself is tried again. */
async function post(url, body, retries) {
  for (const pause of [...retries, null]) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    }).catch(() => null);
    if (answer?.ok) return "";
    if (answer && answer.status < 500) return (await answer.json().catch(() => ({}))).error ?? desk.dataset.unsent;
    if (pause !== null) await new Promise((done) => setTimeout(done, pause));
  }
  return desk.dataset.unsent;
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing on plain http
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function clear() {
  field.value = "";
  showPrice();
}

function showPrice() {
  const measured = measure(field.value);
  at("counter").textContent = field.value ? fill(desk.dataset.line, { ...measured, cost: measured.parts * price }) : "";
  at("counter").classList.toggle("dear", measured.parts > 1);
}

// --- the clock ---

function takeClock(state) {
  waits = state;
  at("now").textContent = at("lcd-time").textContent = hour(state.now);
  at("now").dateTime = state.now;
  at("day").textContent = day(state.now);
  rest();
}

/** A button that would do nothing now cannot be pressed. */
function rest() {
  for (const button of document.querySelectorAll(".moves button")) {
    button.disabled = busy || ("until" in button.dataset && !waits[button.dataset.until]);
  }
}

async function move(button) {
  if (busy) return;
  busy = true;
  rest();
  const seconds = Number(button.dataset.seconds) || waits[button.dataset.until];
  complain(await post(desk.dataset.clock, { seconds }, []));
  busy = false;
  await refresh();
}

// --- wiring ---

at("composer").addEventListener("submit", send);
field.addEventListener("input", showPrice);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("composer").requestSubmit();
});
at("wipe").addEventListener("click", () => write(field, "", 1));
at("wipe").addEventListener("mousedown", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => {
    field.value = button.dataset.example;
    showPrice();
    field.focus();
  });
}
for (const button of document.querySelectorAll("[data-scroll]")) {
  button.addEventListener("click", () => log.scrollBy({ top: button.dataset.scroll * 90 }));
}
for (const button of document.querySelectorAll(".moves button")) button.addEventListener("click", () => move(button));
at("fails").addEventListener("change", async (event) => {
  complain(await post(event.target.dataset.url, { number: me, fault: event.target.value }, []));
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
document.querySelector(".owners [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
install(document.querySelectorAll("[data-key]"), field, at("mode"));
refresh();

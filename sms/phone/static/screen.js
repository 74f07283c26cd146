// What the phone's screen shows. Texts of people go in as text, never as HTML.

const ZONE = "Asia/Ho_Chi_Minh";
const page = document.documentElement.lang;
const language = page === "en" ? "en-GB" : page; // the day before the month, as in Vietnam
const clockFace = new Intl.DateTimeFormat(language, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const calendar = new Intl.DateTimeFormat(language, { timeZone: ZONE, weekday: "long", day: "numeric", month: "numeric", year: "numeric" });
const number = new Intl.NumberFormat(language);

export const hour = (at) => clockFace.format(new Date(at));
export const day = (at) => calendar.format(new Date(at));

/** `pattern` with its {names} filled in; numbers as the language writes them. */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? number.format(value) : value;
  });
}

/** Show these lines in this order, keeping what is there; returns the lines that are new. */
export function show(log, lines, pattern) {
  const here = new Map([...log.querySelectorAll("[data-id]")].map((item) => [item.dataset.id, item]));
  const items = [];
  let shownDay = "";
  for (const line of lines) {
    if (day(line.at) !== shownDay) {
      shownDay = day(line.at);
      items.push(element("li", "day", shownDay));
    }
    items.push(here.get(line.id) ?? bubble(line, pattern));
  }
  log.replaceChildren(...items);
  return lines.filter((line) => !here.has(line.id));
}

function bubble(line, pattern) {
  const item = element("li", line.sent ? "mine" : "theirs", "");
  item.dataset.id = line.id;
  const price = element("span", "price", fill(pattern, line));
  const time = element("time", "at", hour(line.at));
  time.dateTime = line.at;
  const foot = element("span", "foot", "");
  foot.append(time, " ", price);
  item.append(element("p", "said", line.text), foot);
  return item;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

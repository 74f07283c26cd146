// The keys of a phone with buttons: tap again for the next letter, hold for the digit, # for digits alone.

const LETTERS = {
  1: "1.,?!", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6",
  7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0", "*": "*+-/",
};
const AGAIN = 900; // milliseconds within which a tap on the same key changes the letter
const HELD = 550;

/** Let the keys write into `field`; `mode` shows whether they write letters or digits. */
export function install(keys, field, mode) {
  let last = { key: "", at: 0, taps: 0 };
  let held = false;
  let timer = 0;
  let digits = false;

  function tap(key, now) {
    if (key === "#") {
      digits = !digits;
      mode.textContent = digits ? "123" : "abc";
      return;
    }
    const again = !digits && !held && key === last.key && now - last.at < AGAIN;
    last = { key: held ? "" : key, at: now, taps: again ? last.taps + 1 : 0 };
    const letters = LETTERS[key];
    write(field, digits || held ? key : letters[last.taps % letters.length], again ? 1 : 0);
  }

  for (const button of keys) {
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the keyboard
    button.addEventListener("pointerdown", () => {
      held = false;
      timer = setTimeout(() => { held = true; }, HELD);
    });
    button.addEventListener("click", (event) => {
      clearTimeout(timer);
      tap(button.dataset.key, event.timeStamp);
      held = false;
    });
  }
}

/** Put `text` where the caret is, in place of the selection or of the `back` characters before it. */
export function write(field, text, back) {
  const from = field.selectionStart === field.selectionEnd ? Math.max(0, field.selectionStart - back) : field.selectionStart;
  field.setRangeText(text, from, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input"));
}

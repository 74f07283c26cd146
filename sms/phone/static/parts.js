// What a text costs on the air. The same algorithm as sms/text.py; a browser test compares the two.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");
const WHOLE = { "GSM-7": 160, "UCS-2": 70 };
const PART = { "GSM-7": 153, "UCS-2": 67 };
const MARK = /^\p{M}$/u;
const SKIN_TONE = /^[\u{1F3FB}-\u{1F3FF}]$/u;
const FLAG_LETTER = /^[\u{1F1E6}-\u{1F1FF}]$/u;
const JOINER = "\u200d";

/** {encoding, units, parts, room} of a text, composed first. */
export function measure(text) {
  const composed = text.normalize("NFC");
  const encoding = [...composed].every((c) => BASIC.has(c) || EXTENDED.has(c)) ? "GSM-7" : "UCS-2";
  const units = unitsOf(composed, encoding);
  const parts = units <= WHOLE[encoding] ? 1 : fill(piecesOf(composed, encoding), encoding);
  const room = parts === 1 ? WHOLE[encoding] : PART[encoding] * parts;
  return { encoding, units, parts, room };
}

function unitsOf(text, encoding) {
  if (encoding === "UCS-2") return text.length;
  return text.length + [...text].filter((c) => EXTENDED.has(c)).length;
}

function piecesOf(text, encoding) {
  if (encoding === "GSM-7") return [...text];
  return clusters(text).flatMap((cluster) => (cluster.length <= PART[encoding] ? [cluster] : [...cluster]));
}

function fill(pieces, encoding) {
  let parts = 1;
  let used = 0;
  for (const piece of pieces) {
    const price = unitsOf(piece, encoding);
    if (used + price > PART[encoding]) {
      parts += 1;
      used = 0;
    }
    used += price;
  }
  return parts;
}

function clusters(text) {
  const found = [];
  for (const char of text) {
    if (found.length && belongs(found[found.length - 1], char)) found[found.length - 1] += char;
    else found.push(char);
  }
  return found;
}

function belongs(cluster, char) {
  if (char === JOINER || cluster.endsWith(JOINER) || MARK.test(char)) return true;
  if (cluster === "\r") return char === "\n";
  return SKIN_TONE.test(char) || (FLAG_LETTER.test(cluster) && FLAG_LETTER.test(char));
}

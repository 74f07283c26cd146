"""Words of volunteers, and of those whom they help. They count only for volunteers at work: "tim" is also a heart,
"ho" a cough, and "can" what anybody needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.conversation.fold import fold, words
from core.conversation.parsers import checkin, command, link, yesno
from core.conversation.parsers.command import Command
from core.conversation.understanding import Understood


class Word(StrEnum):
    """What a volunteer can ask for."""

    LIST = "list"
    NEXT = "next"
    DONE = "done"
    FIND = "find"
    ASK = "ask"
    SPOKEN = "spoken"
    VISIT = "visit"
    NEED = "need"
    HAND_OVER = "hand_over"
    TAKE = "take"
    LEAVE = "leave"
    RESIGN = "resign"


@dataclass(frozen=True, slots=True)
class Said:
    """A word, and what follows it as typed."""

    word: Word
    rest: str = ""


_ME = re.compile(
    r"\b(?:minh|tui|tao|to|(?<!\btu )(?<!\bbuoi )(?<!\bdem )toi(?! (?:hom|nay|mai)\b| qua\s*(?:[,.;]|$)))\b"
)
_EVENING = re.compile(r"\b(?:tối|tôí)\b", re.IGNORECASE)

_LONGEST = 300
_TABLE: tuple[tuple[Word, re.Pattern[str], int], ...] = (
    (Word.RESIGN, re.compile(r"(?:nghi|ngung|thoi|bo) (?:lam )?tinh nguyen(?: vien)?"), 0),
    (Word.LIST, re.compile(r"(?:danh sach|ds)(?: cac)?(?: (?:ho|nha|hom nay))*"), 0),
    (Word.NEXT, re.compile(r"tiep(?: theo)?|nha (?:tiep(?: theo)?|khac|sau)"), 0),
    (Word.DONE, re.compile(r"xong(?: roi)?|thoat|roi nha"), 0),
    (Word.TAKE, re.compile(r"nhan nha"), 0),
    (Word.LEAVE, re.compile(r"khong nhan nha"), 0),
    (Word.ASK, re.compile(r"(?:hoi|xin) dong y"), 0),
    (Word.SPOKEN, re.compile(r"dong y (?:bang )?mieng\b.*"), 3),
    (Word.HAND_OVER, re.compile(r"ban giao\b.*"), 2),
    (Word.FIND, re.compile(r"tim (?:nha|ho|nguoi|ong|ba|anh|chi)? ?\w.*"), 1),
    (Word.VISIT, re.compile(r"tham\b.*"), 1),
    (Word.NEED, re.compile(r"can \w.*"), 1),
)
"""Each with the number of words before its rest."""

_BEGIN = frozenset({"danh", "ds", "tiep", "nha", "xong", "thoat", "roi", "nhan", "khong", "hoi", "xin", "dong", "ban"})
_BEGIN |= frozenset({"tim", "tham", "can", "nghi", "ngung", "thoi", "bo", "tinh", "dang", "rut"})
_HEART = re.compile(r"tim (?:dap|toi|em|dau|nhanh|mach|met|co|khong|bi|hoi|rat|cham|nhoi|loan)\b")
_ENROL = re.compile(r"(?:dang ky )?(?:lam )?tinh nguyen(?: vien)?\b")
_WITHDRAW = re.compile(r"rut(?: lai)?(?: su)?(?: dong y)?")
_ALL = re.compile(r"(?:ca nha|tat ca|moi nguoi)")
_POLITE = frozenset({"a", "e"})
_JOINS = re.compile(r"(?:[,;&+]|^v[aàoớ]i?)$", re.IGNORECASE)
_NEEDS = (
    ("medicine", re.compile(r"\b(?:thuoc|khau trang|nhiet ke|oxy|que thu|kit)\b")),
    ("food", re.compile(r"\b(?:gao|com|an|mi|nuoc|sua|rau|thit|trung|muoi|dau an|thuc pham|luong thuc)\b")),
)


def parse(text: str) -> Said | None:
    """The word, or None. A report of health is none, whatever it begins with."""
    if not may_be_one(text):
        return None
    said = words(text)
    for word, pattern, length in _TABLE:
        if pattern.fullmatch(said):
            return None if _is_another(word, text, said) else Said(word, _behind(text, length))
    return None


def may_be_one(text: str) -> bool:
    """Whether it is worth a look: what most people write is not."""
    first = text[:_LONGEST].split(maxsplit=1)
    return bool(first) and len(text) < _LONGEST and words(first[0]) in _BEGIN


def _is_another(word: Word, text: str, said: str) -> bool:
    if word is Word.FIND:
        return bool(_HEART.match(said)) or isinstance(checkin.parse(text), Understood)
    return word is Word.NEED and isinstance(command.parse(text), Understood)


def _behind(text: str, length: int) -> str:
    """What is behind the first words, as typed."""
    return " ".join(text.split()[length:]).lstrip(":,.- ") if length else ""


def enrols(text: str) -> str | None:
    """What follows "tinh nguyen" as typed; None if the text does not begin so."""
    if not may_be_one(text):
        return None
    found = _ENROL.match(words(text))
    return _behind(text, len(found[0].split())) if found else None


def withdraws(text: str) -> bool:
    """Whether consent is taken back."""
    return may_be_one(text) and bool(_WITHDRAW.fullmatch(words(text)))


def says_me(text: str) -> bool:
    """Whether a text speaks of whoever writes it. Kin words (em, chau, con) also mean others, and are none; "tu toi
    qua" is since last evening."""
    return bool(_ME.search(fold(_EVENING.sub(" ", text)).text))


def agrees(text: str) -> bool | None:
    """A plain yes or no to a question about consent; None if it is anything else."""
    said = words(text)
    if said in ("khong dong y", "ko dong y", "k dong y", "tu choi"):
        return False
    if said in ("dong y", "toi dong y", "dong y nhe", "dong y a"):
        return True
    answer = yesno.parse(text) if len(said) < 25 else None
    return answer.value if isinstance(answer, Understood) and not answer.rest else None


def names_consent(text: str) -> bool:
    """Whether the answer says that it is one to a question about consent."""
    return "dong y" in words(text)


def letters(said: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the letters that are named; all if all are meant, or there is one and nobody is named. A small "a"
    behind a letter is "ạ", unless they are joined."""
    if _ALL.search(words(said)) or (not said.strip() and len(known) == 1):
        return known
    typed = said.split()
    polite = {n for n, word in enumerate(typed) if n and word in _POLITE and not _JOINS.search(typed[n - 1])}
    named = {word.strip(".,;:").upper() for n, word in enumerate(typed) if n not in polite}
    return tuple(letter for letter in known if letter in named)


def need(said: str) -> str:
    """Food, medicine or other."""
    folded = words(said)
    return next((kind for kind, pattern in _NEEDS if pattern.search(folded)), "other")


def phone_in(said: str) -> str:
    """A mobile number (E.164), or ""."""
    return link.parse(said).phone


def is_command(text: str, wanted: Command) -> bool:
    """Whether the text asks for that."""
    ordered = command.parse(text)
    return isinstance(ordered, Understood) and ordered.value is wanted

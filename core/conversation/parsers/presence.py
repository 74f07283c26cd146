"""The answer to "are you there?". Short and whole, so that "co mat do" stays a sign and a name stays a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.conversation.fold import tidy, words


class Presence(StrEnum):
    """What they say."""

    THERE = "there"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Said:
    """`letters`: of whom, in capitals; () if nobody is named. `rest`: what was said behind a mark, as typed.
    `everybody`: all of that phone. `plain`: in the words that the question gives, or nearly; "toi day" may answer
    another one. `bare`: a yes or a no, which answers whatever was asked last."""

    presence: Presence
    letters: tuple[str, ...] = ()
    rest: str = ""
    everybody: bool = False
    plain: bool = True
    bare: bool = False


def may_be_one(text: str) -> bool:
    """Whether it is worth looking up what was asked. Cheap: asked of every message."""
    return bool(_ANY.search(words(text[:_LONGEST])) or _ANY_ENGLISH.search(text[:_LONGEST]))


def parse(text: str) -> Said | None:
    """What a whole text, or its part before the first comma or full stop, says."""
    typed = _FIRST.sub("", _POLITE.sub("", tidy(text)))
    head, _, rest = _MARK.sub("\n", typed, count=1).partition("\n")
    said, english = words(head), " ".join(_ENGLISH_WORD.findall(head.casefold()))
    plain = bool(_PLAIN.search(said) or _ENGLISH_PLAIN.search(english))
    for presence, ways in _WAYS.items():
        if found := ways[0].fullmatch(said) or ways[1].fullmatch(english):
            letters = (found["them"] or found["who"] or "").upper().split()
            named = tuple(letter for letter in letters if letter != "VA")
            return Said(presence, named, rest.strip(), bool(_ALL.search(said)), plain)
    return _short(words(typed), " ".join(_ENGLISH_WORD.findall(typed.casefold())))


def _short(said: str, english: str) -> Said | None:
    """A refusal; or a yes or a no and nothing else."""
    if _REFUSED.fullmatch(said) or _ENGLISH_REFUSED.fullmatch(english):
        return Said(Presence.REFUSED)
    if _YES.fullmatch(said):
        return Said(Presence.THERE, plain=False, bare=True)
    return Said(Presence.AWAY, plain=False, bare=True) if _NO.fullmatch(said) else None


_LONGEST = 200
_MARK = re.compile(r"[,.;:!\n]")
_POLITE = re.compile(r"(?i)\s+ạ(?=\s*(?:[,.;:!\n]|$))")  # with its accent it is no letter of the household
_FIRST = re.compile(r"(?i)^(?:dạ|da|vâng|vang|yes|ok|alo|thưa \w+|thua \w+)\s*[,.!]\s*")  # "vang, toi co mat"
_ANY = re.compile(r"\b(?:mat|comat|nha|day|muon|vang|ngoai|di|ra|cach li|tra loi|co|da|yes|no|khong|ko|k|kg|hong)\b")
_ANY_ENGLISH = re.compile(r"(?i)\b(?:here|home|present|out|away|want)\b")
_ENGLISH_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_PLAIN = re.compile(r"\bmat\b|\bcomat\b|\bo (?:tai |trong )?nha\b|\bco nha\b|\bvang nha\b")
_ENGLISH_PLAIN = re.compile(r"\bhere\b|\bhome\b")
_ALL = re.compile(r"\b(?:ca nha|ca hai|ca ba|ca gia dinh|tat ca|moi nguoi)\b|\ball\b|\beverybody\b|\bboth\b")

_KIN = "ong|ba|bac|co|chu|cau|mo|di|anh|chi|em|chau|con|bo|me|cha|ma|vo|chong|no"
_POLITELY = (
    r"(?:(?:da|vang|thua|bam|u|roi|hien|luon|van|dang|deu|toi|tui|minh|nha|ay|nguoi nha|"
    rf"ca nha|ca hai|ca ba|ca gia dinh|tat ca|moi nguoi|{_KIN}) )*"
)
_THE_PLACE = "nha|day|cho|phong|noi cach li|khu cach li|noi theo doi"
_IS_THERE = rf"(?:co mat|comat|(?:co )?o (?:tai |trong )?(?:{_THE_PLACE})|tai nha|trong nha|co nha|co day)"
_WHERE = rf"(?:o|tai|trong|o tai|o trong)(?: (?:{_THE_PLACE}))"
_END = (
    rf"(?: (?:{_WHERE}|nhe|nha|nghe|day|roi|ah|oi|luon|ma|suot|ca ngay|ca|het|bay gio|luc nay|khong di dau|"
    rf"dang hoang|can bo|bac si|y ta|{_KIN}))*"
)
_NOT = "(?:khong|ko|k|kg|kh|hong|hok|chua|khong phai|khong con|khong ai)"
_GOING = (
    r"(?:(?:dang )?di (?:vang|cho|lam|choi|ra ngoai|kham|vien|benh vien|ra|khoi nha)|"
    r"(?:dang )?ra (?:ngoai|duong|cho)|(?:dang )?o (?:ngoai|ngoai duong|cho khac)|(?:dang )?vang (?:nha|mat))"
)
_LETTERS = r"(?: (?:va )?(?:[a-z]|a\d{1,3}))*"
_THEM = r"(?:(?P<them>[a-h](?: (?:va )?[a-h])*) )?"
_THERE = re.compile(
    rf"{_THEM}{_POLITELY}"
    rf"(?:{_IS_THERE}(?P<who>{_LETTERS}){_END}|(?:toi|tui|em|chau|con|minh) day{_END})"
)
_AWAY = re.compile(
    rf"{_THEM}{_POLITELY}(?:{_NOT} {_IS_THERE}|{_GOING})(?P<who>{_LETTERS})(?: mot lat| mot chut| ti)?{_END}"
)
_REFUSED = re.compile(
    rf"{_POLITELY}(?:khong|ko|k|kg|hong) (?:muon(?: (?:tra loi|noi|bao|gui|gui vi tri))?|tra loi|noi dau){_END}"
)
_YES = re.compile(rf"(?:(?:da|vang|u|thua) )*(?:co|vang|yes|dung roi|co chu)(?: a)?{_END}")
_NO = re.compile(rf"(?:(?:da|thua) )*(?:khong|ko|k|kg|hong|khong co|no)(?: a)?{_END}")

_THEY = r"(?:(?:yes|yeah|ok|i|i'm|im|am|he|he's|she|she's|is|we|we're|they|they're|are|still|all|both|everybody) )*"
_ENGLISH_PLACE = r"(?:(?:right )?here|present|at home|home)"
_ENGLISH_END = r"(?: (?:now|thanks|thank you|sir))*"
_ENGLISH_THERE = re.compile(rf"{_THEM}{_THEY}{_ENGLISH_PLACE}(?P<who>(?: [a-h])*){_ENGLISH_END}")
_ENGLISH_AWAY = re.compile(
    rf"(?:no )?{_THEM}{_THEY}(?:(?:not|isn't|aren't|nobody|nobody is|no one is) {_ENGLISH_PLACE}|away|out|outside)"
    rf"(?P<who>(?: [a-h])*){_ENGLISH_END}"
)
_ENGLISH_REFUSED = re.compile(
    r"(?:i )?(?:do not|don't|dont) want(?: to (?:answer|say|tell))?|(?:i )?won't (?:answer|say)"
)

_WAYS = {Presence.THERE: (_THERE, _ENGLISH_THERE), Presence.AWAY: (_AWAY, _ENGLISH_AWAY)}

"""Hamlets as people write them: "thôn Na Áng", "Na Ang", "tổ 1". Pure."""

from __future__ import annotations

import re

from core.conversation.fold import fold

_KINDS = re.compile(r"^(?:thon|ban|to|xom|ap|khu|khu pho|to dan pho|khom|buon|lang) +")


def plain(text: str) -> str:
    """Its words, without accents, capitals and marks."""
    return " ".join(re.findall(r"\w+", fold(text).text))


def is_hamlet(one: str, other: str) -> bool:
    """Whether two names mean the same hamlet: "thôn Bản Qua" and "Bản Qua" do; "tổ 1" and "thôn 1" do not."""
    first, second = plain(one), plain(other)
    called = {first, _KINDS.sub("", first)} & {second, _KINDS.sub("", second)}
    return first == second or any(not name.isdigit() for name in called)


def in_hamlet(hamlet: str, persons_hamlet: str, address: str) -> bool:
    """Whether somebody lives there: by the hamlet that staff noted, else by whole words of their address.

    "thôn Na Áng" is found in "so 5 Na Ang"; "tổ 1" only as "tổ 1", since any house may have that number.
    """
    wanted = plain(hamlet)
    if not wanted:
        return True
    if plain(persons_hamlet):
        return is_hamlet(hamlet, persons_hamlet)
    core = _KINDS.sub("", wanted)
    looked_for = wanted if core.isdigit() else core
    return re.search(rf"(?<!\w){re.escape(looked_for)}(?! ?\d)(?!\w)", plain(address)) is not None

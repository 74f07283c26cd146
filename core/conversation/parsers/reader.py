"""Read what a text says of signs, word by word.

The rule that costs lives when broken: a sign is absent only with a negator of its own. In medical writing one "không"
covers a list; in a person's text "khong sot, ho" may mean a cough, so the second sign is kept as `listed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from core.conversation.fold import Folded
from core.conversation.parsers import long_ago
from core.conversation.parsers.parts import CUT_SHORT, items
from core.conversation.parsers.said import Said, Turned, conclude
from core.conversation.parsers.tags import Item, Tag


@lru_cache(maxsize=96)
def read(folded: Folded) -> Said:
    """Read one message. The result is shared between readers: do not change it."""
    ago = long_ago.find(folded)
    return _Reader(items(folded)).read() if ago is None else long_ago.without(ago, _all)


def _all(folded: Folded) -> Said:
    return _Reader(items(folded)).read()


_BARE_ACHE = "dau"
"""Without its accents both "đau" and "đâu": "có sốt đâu" is none."""

_AGAIN = "lai"
_STILL = "con"
"""Says of the sign before it that it is there: "ho còn", "ho vẫn còn"."""

_SIGNLIKE = frozenset({Tag.SIGN, Tag.UNWELL})
_ENDS = frozenset({Tag.BREAK, Tag.BUT})
_TAKES_AWAY = frozenset({Tag.NO, Tag.NO_SIGNS, Tag.GONE, Tag.BEFORE_GONE, Tag.ALL_GONE})


class _Reader:
    """One pass from left to right. `_mode` is what the last negator, "hết" or "còn" says of the signs to come."""

    def __init__(self, row: list[Item]) -> None:
        self._row = row
        self._at = 0
        self._mode: Tag | None = None
        self._used = False
        self._loose: list[str] = []  # signs of this clause that nothing governs: "sốt" of "sốt hết rồi"
        self._since: list[str] = []  # signs since the last "có": "sốt" of "có sốt đâu"
        self._said = Said()
        self._after_no: list[str] = []  # signs behind the first after a negator: "ho" of "không sốt, ho"
        self._turned: Turned | None = None

    def read(self) -> Said:
        while self._row and self._row[-1].tag is Tag.BREAK:
            self._row.pop()
        for index, item in enumerate(self._row):
            self._at = index
            if item.turn is not None:
                self._turn(item.turn)
            step = _STEPS.get(item.tag)
            if step is not None:
                step(self, item)
        conclude(self._said, self._turned, two=bool(self._row) and self._row[0].two)
        return self._said

    def _end_until(self, count: int) -> None:
        """The first so many signs are over."""
        self._said.end(count)
        self._loose = []

    def _near(self, offset: int) -> Tag | None:
        index = self._at + offset
        return self._row[index].tag if 0 <= index < len(self._row) else None

    def _sign(self, item: Item) -> None:
        code = item.code.rstrip("?")
        if not item.code.endswith("?"):
            self._said.faint = False
        if not item.sure:
            self._said.doubted.append(code)
        if self._near(1) is Tag.MUCH and self._near(2) is not Tag.NO and self._mode in (None, Tag.NOW):
            self._said.stressed.append(code)
        self._place(item)

    def _unwell(self, item: Item) -> None:
        """ "đau", "nhức" of nothing named: like a sign, but without a code."""
        may_deny = item.code == _BARE_ACHE and self._near(-1) is Tag.SIGN and self._near(1) in (None, *_ENDS)
        if may_deny or (self._near(1) is Tag.MUCH and self._mode is Tag.NO):
            self._said.unsure = True
        elif self._mode in (Tag.NO, Tag.GONE) and not self._used:
            self._used = True
            self._said.none = True
        elif self._mode is not Tag.NO or self._near(-1) is Tag.BREAK:
            self._said.unwell = True

    def _place(self, item: Item) -> None:
        said, code = self._said, item.code.rstrip("?")
        again = code in said.gone and _AGAIN in [near.code for near in self._row[max(self._at - 1, 0) : self._at + 2]]
        if self._mode is Tag.NO or (self._mode is Tag.GONE and not again):
            self._place_after_no(item)
            return
        said.present.append(code)
        if again:
            said.gone.remove(code)  # "hết sốt rồi lại sốt", "hết sốt mà giờ sốt lại"
        if self._mode is None:
            self._loose.append(code)
        else:
            self._since.append(code)

    def _place_after_no(self, item: Item) -> None:
        said, code = self._said, item.code.rstrip("?")
        if self._used:
            # "không sốt, ho ít": nobody says of what is not there that it is little
            little = item.little and self._near(-1) in (Tag.BREAK, Tag.NO_SIGNS)
            (said.present if little else said.listed).append(code)
            if not little:
                self._after_no.append(code)
            return
        self._used = True
        if self._near(1) is Tag.MUCH:
            said.unsure = True
            said.listed.append(code)
        elif self._mode is Tag.GONE or self._near(1) is Tag.AGAIN:
            said.gone.append(code)
        else:
            said.denied.append(code)

    def _no(self, item: Item) -> None:
        following = self._near(1)
        if following in _SIGNLIKE:
            self._switch(Tag.NO)
        elif following is Tag.NO:
            return
        elif following in (None, Tag.QUESTION, Tag.AGAIN, Tag.BREAK, Tag.BUT, Tag.TOPIC):
            self._no_alone(item)
        else:
            self._no_of_other(following)

    def _no_alone(self, item: Item) -> None:
        """A "không" with nothing behind it: the whole answer, the answer to "sốt:", or the end of a question."""
        before = self._before_no()
        if before is Tag.TOPIC and self._near(-2) is Tag.SIGN and self._loose and not item.apart:
            self._deny_last()
        elif before is Tag.TOPIC and self._near(-2) is Tag.SIGN and len(self._since) == 1 and not item.apart:
            self._said.present.remove(self._since[0])
            self._said.denied.append(self._since.pop())
        elif before in (None, Tag.BREAK, Tag.TOPIC) and not self._loose:
            self._said.none = True
            self._switch(Tag.NO)
            self._used = True
        else:
            self._said.asked = True

    def _no_english(self, item: Item) -> None:
        following = self._row[self._at + 1] if self._at + 1 < len(self._row) else None
        if following is None and self._at == 0:
            self._said.none = True
        elif following is not None and following.english:
            self._switch(Tag.NO)
        elif following is not None and following.tag is Tag.BREAK and self._at == 0:
            self._no_alone(item)
        else:
            self._said.unsure = True

    def _before_no(self) -> Tag | None:
        offset = -1
        while self._near(offset) in (Tag.NO, Tag.EVERYONE):
            offset -= 1
        return self._near(offset)

    def _deny_last(self) -> None:
        code = self._loose.pop()
        self._said.present.remove(code)
        self._said.denied.append(code)
        self._mode = None

    def _no_of_other(self, following: Tag | None) -> None:
        if following is Tag.NOW:
            return
        if following is Tag.MUCH:
            self._said.unsure = True
        elif following in (Tag.WELL, Tag.GONE, Tag.BEFORE_GONE, Tag.BETTER, Tag.ALL_GONE):
            self._said.unwell = True
        self._switch(Tag.NO)
        self._used = True

    def _switch(self, mode: Tag | None) -> None:
        self._mode = mode
        self._used = False
        self._loose, self._since, self._after_no = [], [], []

    def _no_signs(self, item: Item) -> None:
        """ "không có triệu chứng sốt" denies the fever; "không có triệu chứng, sốt" may not."""
        self._said.none = True
        self._switch(Tag.NO)
        self._used = item.code != "of" or self._near(1) is not Tag.SIGN

    def _well(self, item: Item) -> None:
        self._said.well = True
        self._switch(None)

    def _gone(self, item: Item) -> None:
        if self._near(-1) is Tag.NO:
            return
        before = self._near(-1)
        if self._near(1) in _SIGNLIKE:
            if item.turn is not Tag.PRESENT and (item.code == "after" or (self._loose and before is Tag.SIGN)):
                self._said.unsure = True  # "sốt hết rồi ho", "ho hết sốt": which of the two is over?
            self._switch(Tag.GONE)
        elif self._near(1) is Tag.WELL and item.code == _STILL:
            self._said.unwell = True
        elif item.turn is Tag.PRESENT and not self._everyone():
            self._end_until(len(self._said.present))
        elif self._loose and (item.tag is Tag.BEFORE_GONE or self._everyone()):
            self._said.unsure = True
        elif len(self._loose) == 1:
            self._end_last()
        elif self._loose:
            self._said.unsure = True
        elif before is Tag.BUT and self._said.present:
            self._end_all_but()
        elif before is None:
            self._said.none = True

    def _end_all_but(self) -> None:
        """ "sốt nhưng hết rồi": the one sign is over; of two, which?"""
        if len(set(self._said.present)) == 1:
            self._end_until(len(self._said.present))
        else:
            self._said.unsure = True

    def _everyone(self) -> bool:
        """ "cả nhà ho hết rồi": that all of them cough, more likely than that none does."""
        return any(item.tag is Tag.EVERYONE for item in self._row)

    def _end_last(self) -> None:
        code = self._loose.pop()
        self._said.present.remove(code)
        self._said.gone.append(code)

    def _all_gone(self, item: Item) -> None:
        if self._near(-1) is Tag.NO:
            return
        self._said.none = True
        self._said.unsure = self._said.unsure or (bool(self._loose) and self._everyone())
        while self._loose:
            self._end_last()

    def _now(self, item: Item) -> None:
        """ "có", "còn", "chỉ": what follows is there. "sốt: có" says so of what went before."""
        answers = self._near(1) in (None, Tag.BREAK)
        if answers and self._near(-1) is Tag.TOPIC:
            if len(self._after_no) == 1 and self._near(-2) is Tag.SIGN:
                self._said.present.append(self._said.listed.pop())  # "không sốt, ho thì có"
            self._switch(None)
            return
        if item.code == _STILL and (answers or self._near(1) is Tag.MUCH) and self._still_there():
            return
        self._said.affirmed = self._said.affirmed or self._near(1) is None
        self._switch(Tag.NOW)

    def _still_there(self) -> bool:
        """ "hết sốt, ho còn": the last sign is not over, though it stands behind "hết"."""
        if self._mode is not Tag.GONE or self._near(-1) is not Tag.SIGN or len(self._after_no) != 1:
            return False
        self._said.present.append(self._said.listed.pop())
        self._switch(None)
        return True

    def _but(self, item: Item) -> None:
        """ "không sốt nhưng": what was to follow did not arrive, and it was no denial."""
        broken_off = item.code == CUT_SHORT and self._near(1) is None and not self._said.present
        self._said.unsure = self._said.unsure or broken_off
        self._switch(None)

    def _not_at_all(self, item: Item) -> None:
        """ "có sốt đâu": the "đâu" at the end takes the "có" back."""
        following = self._row[self._at + 1] if self._at + 1 < len(self._row) else None
        if following is not None and following.tag is Tag.SIGN and following.code.rstrip("?") in self._loose[-1:]:
            self._deny_last()
            self._mode, self._used = Tag.NO, False  # "sốt đâu mà sốt"
        elif self._mode is not Tag.NOW or self._near(-1) is not Tag.SIGN:
            self._said.unsure = self._said.unsure or (self._mode is None and self._near(-1) is Tag.SIGN)
        elif len(self._since) == 1 or self._near(-len(self._since) - 1) is Tag.NOW:
            for code in self._since:
                self._said.present.remove(code)
            self._said.denied.extend(self._since)
            self._since = []
        else:
            self._said.unsure = True

    def _none_of_them(self, item: Item) -> None:
        """ "không sốt hay ho gì cả": the "gì cả" at the end denies both."""
        over = self._said.gone if self._mode is Tag.GONE else self._said.denied
        for code in self._after_no if self._mode in (Tag.NO, Tag.GONE) else ():
            self._said.listed.remove(code)
            over.append(code)
        self._after_no = []

    def _turn(self, to: Tag) -> None:
        """From here on it is about today, or about somebody else; or none of it was about today."""
        if self._turned is not None:
            return
        said = self._said
        self._turned = Turned(to, len(said.present), len(said.denied), len(said.gone), said.none, said.well)
        said.none = said.well = False
        if to not in (Tag.PAST, Tag.PAST_ONLY) and self._mode in (Tag.NO, Tag.GONE):
            self._switch(None)

    def _better(self, item: Item) -> None:
        """ "hết ho, đỡ mệt": what is better is still there."""
        self._said.unwell = True
        if self._near(1) in _SIGNLIKE and self._near(-1) is not Tag.NO:
            self._switch(Tag.NOW)
        elif self._near(1) in (None, Tag.BREAK) and self._mode is Tag.GONE:
            self._still_there()

    def _activity(self, item: Item) -> None:
        """ "không ngủ", "ngủ không được", "hết thuốc" may be complaints; "cách ly, không sốt" is none."""
        taken_back = self._near(1) is Tag.NO and self._near(2) is not Tag.SIGN
        self._said.unknown = self._said.unknown or taken_back or self._near(-1) in _TAKES_AWAY

    def _flag(self, item: Item) -> None:
        setattr(self._said, _FLAGS[item.tag], True)


_FLAGS = {Tag.STILL: "unwell", Tag.UNCERTAIN: "unsure", Tag.QUESTION: "asked", Tag.OTHER: "unknown"}
_STEPS: Mapping[Tag, Callable[[_Reader, Item], None]] = {
    Tag.SIGN: _Reader._sign,
    Tag.UNWELL: _Reader._unwell,
    Tag.WELL: _Reader._well,
    Tag.NO_SIGNS: _Reader._no_signs,
    Tag.NO: _Reader._no,
    Tag.NO_ENGLISH: _Reader._no_english,
    Tag.GONE: _Reader._gone,
    Tag.BEFORE_GONE: _Reader._gone,
    Tag.ALL_GONE: _Reader._all_gone,
    Tag.BETTER: _Reader._better,
    Tag.NOT_AT_ALL: _Reader._not_at_all,
    Tag.NONE_OF_THEM: _Reader._none_of_them,
    Tag.ACTIVITY: _Reader._activity,
    Tag.NOW: _Reader._now,
    Tag.BUT: _Reader._but,
    **dict.fromkeys(_FLAGS, _Reader._flag),
}

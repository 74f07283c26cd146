"""How people answer, line by line: `replies.tsv` is the specification."""

from __future__ import annotations

import pytest

from core.conversation.parsers.understand import KINDS, understand
from tests.core.conversation.parsers.cast import TODAY, comparable, replies


@pytest.mark.parametrize("kind", KINDS)
def test_replies_are_read_as_people_mean_them(kind: str) -> None:
    labelled = list(replies(kind))
    wrong = [
        f"{text!r}: {read} instead of {meant}"
        for text, meant in labelled
        if comparable(read := understand(kind, text, TODAY)) != comparable(meant)
    ]
    assert len(labelled) >= 60
    assert not wrong, "\n".join(wrong)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        understand("poem", "ok", TODAY)

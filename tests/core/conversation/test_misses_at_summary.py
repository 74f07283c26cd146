"""A summary that is answered by nothing we can read: asked again, then by a human, then not at all."""

from __future__ import annotations

from core.conversation.effects import AlertKind, ConfirmRecord, RaiseAlert
from core.conversation.misses import BY_HUMAN, MOST
from core.conversation.session import Stage
from tests.core.conversation.household_phone import sources
from tests.core.conversation.walk import FITTING, PHONES, Phone

_CONFIRM = "Nếu tờ khai đúng, xin nhắn OK. Nếu sai, nhắn SUA và số, ví dụ SUA 4."


def shown() -> Phone:
    """A phone that was shown the summary of its declaration."""
    phone = Phone(PHONES["a stranger"])
    while phone.session.stage is not Stage.SUMMARY:
        phone.says(FITTING)
    return phone


def test_the_third_time_a_human_is_told() -> None:
    phone = shown()
    texts, alerts = [], []
    for _ in range(MOST + 2):
        made = phone.says("asdf qwer").made
        texts.append(sources(made))
        alerts += [each.kind for each in made.effects if isinstance(each, RaiseAlert)]
    assert alerts == [AlertKind.MISUNDERSTOOD]
    assert texts[:BY_HUMAN] == [[_CONFIRM], [_CONFIRM], ["Tôi vẫn chưa hiểu. {unit} sẽ gọi {you}. {hint}"]]
    assert texts[BY_HUMAN:] == [[_CONFIRM]] * (MOST - BY_HUMAN) + [[]] * 2


def test_it_can_be_confirmed_all_the_while() -> None:
    phone = shown()
    for _ in range(MOST + 2):
        phone.says("asdf qwer")
    made = phone.says("ok").made
    assert [type(each) for each in made.effects if isinstance(each, ConfirmRecord)]
    assert not phone.session.busy

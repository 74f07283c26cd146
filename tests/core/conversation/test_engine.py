"""What holds at every moment of every conversation, however people write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.conversation.effects import AlertKind, ConfirmRecord, RaiseAlert, SaveRecord, StopReminders
from core.conversation.engine import step
from core.conversation.messages import Inbound, Reply
from core.conversation.session import Session, Stage, from_json, to_json
from core.conversation.wording import word, word_choices
from core.messaging.channel import MessageKind
from core.words import languages, load_words
from sms.render import render
from tests.core.conversation.parsers.cast import replies as labelled
from tests.core.conversation.walk import FITTING, PHONES, Phone, Turn, library

COMMANDS = (
    *("KHAI", "KHAI HO", "SK", "SK OK", "SK 37,9 ho", "SUA", "SUA 4", "SUA 1 ho", "SUA 9", "XEM", "GOI", "PHAN ANH"),
    *("NHAC 7 17", "NHAC 25", "NHAC", "QUAY LAI", "THOAT", "MENU", "GIUP", "?", "DU LIEU", "BAT DAU", "HUY"),
    *("ENGLISH", "TIENG VIET", "KHU VUC", "NHAM SO", "toi muon gap bac si", "cap cuu"),
)
ANSWERS = (
    *("ok", "co", "khong", "dong y", "khong dong y", "1", "2", "3", "1 2", "7", "dung", "sai", "da", "cam on bac si"),
    *("khoe", "ho", "sot, ho", "khong sot, khong ho", "38,2", "37,5 ho dau hong", "36.6", "381", "het sot roi", "met"),
    *("khong sot, ho, kho tho", "khong co gi", "khong gap ai", "khong di dau", "co, ha noi", "ha noi", "tien suc khoe"),
    *("Nguyen Thi Lan", "Tran Van Nam 1984 nam", "1984", "71 tuoi", "nam", "nu", "xa bat xat, lao cai", "bao thang"),
    *("xa khong co that", "thon na ang", "so 5 duong hoang lien", "0900000001", "A OK B SOT 38 C OK", "ca nha khoe"),
    *("Hoa ho, Nam khoe", "toi bi sao vay?", "khong biet", "alo", "asdf", "", "   ", "...", "👍", "em chao bac si"),
)
DANGER = (
    "kho tho",
    "Mẹ tôi khó thở quá!",
    "toi kho tho",
    "co giat",
    "me toi bat tinh roi",
    "tim moi",
    "CHAU BE TIM TAI LO MO",
)
STOP = ("STOP", "stop", "HUY NHAN")

REALISTIC = st.sampled_from(
    (
        *COMMANDS,
        *ANSWERS,
        *DANGER,
        *STOP,
        *(text for kind in ("checkin", "yesno", "danger") for text, _ in labelled(kind)),
    )
)
FITS = st.just(FITTING)
TYPED = st.one_of(FITS, FITS, st.sampled_from((*COMMANDS, *ANSWERS)))
ANYTHING = st.one_of(st.text(max_size=80), REALISTIC, FITS, FITS)
GAPS = st.sampled_from([timedelta(seconds=20)] * 6 + [timedelta(minutes=15), timedelta(hours=5), timedelta(days=2)])


def walks(texts: st.SearchStrategy[str], longest: int = 24) -> st.SearchStrategy[list[tuple[str, timedelta]]]:
    """Texts, and how long each comes after the one before."""
    return st.lists(st.tuples(texts, GAPS), min_size=1, max_size=longest)


_SUMMARY = "{items}. Đúng thì nhắn OK. Sai thì nhắn SUA và số, ví dụ SUA 4."
_COMMUNES = "Xin chọn số, hoặc viết rõ hơn:"

phones = st.sampled_from(sorted(PHONES))
many = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""The same walks every time: a fault that they find is found again."""


def walk(phone: str, said: Sequence[tuple[str, timedelta]]) -> tuple[Phone, list[Turn]]:
    made = Phone(PHONES[phone])
    return made, [made.says(text, after) for text, after in said]


def is_silence_meant(turn: Turn) -> bool:
    """Behind thanks for a receipt, and after a row of texts that ask for nothing: two machines never talk for long."""
    last = turn.made.session.last
    thanked = last is not None and turn.now - last.at <= timedelta(hours=1) and len(turn.text) < 60
    return not turn.session.busy and not turn.made.effects and (turn.made.session.strays > 5 or thanked)


@many
@given(phones, walks(ANYTHING))
@example("a stranger", [("?", timedelta(seconds=20))] * 9)
@example("a household", [("KHAI HO", timedelta()), ("ALO", timedelta(seconds=20))])
@example("a household", [("→", timedelta()), ("ALO", timedelta(seconds=20))])
@example(
    "a household", [("KHAI", timedelta()), ("4", timedelta()), ("dong y", timedelta()), ("\x00\ud800", timedelta())]
)
def test_it_always_answers(phone: str, said: list[tuple[str, timedelta]]) -> None:
    for turn in walk(phone, said)[1]:
        assert turn.made.replies or is_silence_meant(turn), turn


@many
@given(phones, walks(ANYTHING))
def test_a_session_is_stored_and_read_as_it_was(phone: str, said: list[tuple[str, timedelta]]) -> None:
    for turn in walk(phone, said)[1]:
        session = turn.made.session
        assert from_json(orjson.loads(orjson.dumps(to_json(session)))) == session


@many
@given(phones, walks(ANYTHING), st.uuids())
def test_the_same_message_leads_to_the_same_step(
    phone: str, said: list[tuple[str, timedelta]], inbound_id: object
) -> None:
    made, _ = walk(phone, said[:-1])
    inbound = Inbound(inbound_id, said[-1][0], made.now)  # type: ignore[arg-type]
    first, second = (step(made.session, inbound, library(), made.context, made.now) for _ in range(2))

    assert first == second


@many
@given(phones, walks(TYPED), st.sampled_from(DANGER))
def test_danger_is_heard_first_at_any_moment(phone: str, said: list[tuple[str, timedelta]], danger: str) -> None:
    made, _ = walk(phone, said)
    told_before = made.context.alarmed
    turn = made.says(danger)

    raised = [e for e in turn.made.effects if isinstance(e, RaiseAlert) and e.kind is AlertKind.DANGER and not e.wait]
    assert turn.made.replies[0].kind is MessageKind.DANGER
    assert raised or told_before


@pytest.mark.parametrize("text", ["Tinh nguyen vien oi toi kho tho qua", "tinh nguyen vien day, me toi bat tinh"])
def test_danger_is_heard_before_the_word_that_enrols_a_volunteer(text: str) -> None:
    (turn,) = walk("a stranger", [(text, timedelta())])[1]

    assert turn.made.replies[0].kind is MessageKind.DANGER


@many
@given(phones, walks(TYPED), st.sampled_from(DANGER))
def test_a_conversation_goes_on_after_danger(phone: str, said: list[tuple[str, timedelta]], danger: str) -> None:
    made, _ = walk(phone, said)
    before = made.session
    turn = made.says(danger)

    if before.stage is Stage.ASKING:
        kept = {k: v for k, v in before.answers.items() if k not in {"signs", "signs_gone", "signs_said"}}
        record = turn.made.session.last
        answers = turn.made.session.answers or (record.answers if record else {})
        assert kept.items() - {("guided", True), ("guided", False), ("on_behalf", False)} <= dict(answers).items()


@many
@given(phones, walks(REALISTIC), st.sampled_from(STOP))
def test_stop_ends_what_we_start_at_any_moment(phone: str, said: list[tuple[str, timedelta]], stop: str) -> None:
    made, _ = walk(phone, said)
    turn = made.says(stop)

    assert StopReminders() in turn.made.effects
    assert not turn.made.session.busy
    assert "BAT DAU" in turn.made.replies[0].say.text


@many
@given(phones, walks(TYPED))
def test_three_misses_offer_a_human_and_no_more_than_one(phone: str, said: list[tuple[str, timedelta]]) -> None:
    made, _ = walk(phone, said)
    missed_before = made.session.misses
    turns = [made.says("xyzzy qwrt") for _ in range(6)]

    raised = [
        e for t in turns for e in t.made.effects if isinstance(e, RaiseAlert) and e.kind is AlertKind.MISUNDERSTOOD
    ]
    assert len(raised) <= 1
    if made.session.stage in (Stage.ASKING, Stage.LEGAL) and made.session.misses >= 6 and missed_before < 3:
        assert len(raised) == 1


def parts(reply: Reply, language: str) -> tuple[int, str]:
    words = load_words(language)
    carried = render(word(reply.say, words), word_choices(reply.choices, words), accents=False)
    return carried.parts, carried.text


def budget(reply: Reply) -> int:
    """A summary may take two parts: it is everything that was declared. Nine communes of several provinces to choose
    from take three at worst. All else is one."""
    return {_SUMMARY: 2, _COMMUNES: 3}.get(reply.say.text, 1)


@many
@given(phones, walks(TYPED))
def test_every_reply_keeps_to_its_parts(phone: str, said: list[tuple[str, timedelta]]) -> None:
    for turn in walk(phone, said)[1]:
        for reply in turn.made.replies:
            for language in languages():
                cost, text = parts(reply, language)
                assert cost <= budget(reply), f"{cost} parts: {text}"


@pytest.mark.parametrize("phone", sorted(PHONES))
@pytest.mark.parametrize("danger", DANGER)
def test_danger_in_a_first_message(phone: str, danger: str) -> None:
    turn = Phone(PHONES[phone]).says(danger)

    assert turn.made.replies[0].kind is MessageKind.DANGER


@pytest.mark.parametrize("phone", sorted(PHONES))
def test_walks_get_to_the_end(phone: str) -> None:
    """So that what is tried above is more than beginnings."""
    turns = walk(phone, [("KHAI", timedelta(seconds=20)), *[(FITTING, timedelta(seconds=20))] * 14])[1]

    effects = [type(effect) for turn in turns for effect in turn.made.effects]
    assert (SaveRecord in effects, ConfirmRecord in effects) == (True, True)
    assert {turn.session.stage for turn in turns} >= {Stage.IDLE, Stage.ASKING, Stage.SUMMARY}


def test_what_is_not_there_is_not_stored() -> None:
    assert to_json(Session()) == {}

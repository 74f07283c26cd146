"""What every channel keeps, whatever its provider is like. One kit a channel; nothing is left out for any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine

from app.channels import CHANNELS, plug_of
from app.settings import load
from app.web import create_app
from core.conversation.understanding import Choice
from core.conversation.wording import numbered
from core.database.tables import inbox, outbox
from core.messaging.buttons import loaded, shown
from core.messaging.channel import MessageKind, Status
from core.messaging.silence import Ability
from tests.contract.kit import Arrived, Opened
from tests.contract.kits import aggregator, android, guide, kannel, telegram, twilio, zalo, zalo_bot
from tests.contract.stage import PUBLIC, QUICK, Stage, stage
from tests.outage import away

KITS: Mapping[str, Opened] = {
    "kannel": kannel.opened,
    "telegram": telegram.opened,
    "twilio": twilio.opened,
    "zalo": zalo.opened,
    "zalo_bot": zalo_bot.opened,
    "android": android.opened,
    "esms": aggregator.esms,
    "vcom": aggregator.vcom,
    "speedsms": aggregator.speedsms,
    "courier": guide.opened,
}
"""By the channel's name. The last one is not ours: it is what docs/adding-a-channel.md adds."""


_SLOW = {"vcom", "speedsms"}
"""The same code as eSMS, by other files."""


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow if name in _SLOW else ()) for name in KITS])
def on(request: pytest.FixtureRequest, engine: Engine, environ: dict[str, str]) -> Iterator[Stage]:
    """Each channel, one after the other."""
    with KITS[request.param]() as kit, stage(kit, engine, environ) as ready:
        yield ready


def test_every_channel_with_a_provider_has_a_kit(environ: dict[str, str]) -> None:
    """By folder: one folder may serve several providers, each with a name of its own."""
    served: set[str] = set()
    for name, opened in KITS.items():
        with opened() as kit:
            config = load({**environ, "PUBLIC_URL": PUBLIC, **kit.environ}).channel(name)
            assert config is not None
            served.add(plug_of(config).package)
    assert {plug.package for plug in CHANNELS if not plug.paged} == served - {"sms.courier"}


# --- what comes in ---


def test_a_message_is_kept_as_it_was_typed_and_answered(on: Stage) -> None:
    on.hears("Tôi bị sốt 38,2 và ho 🤒")
    assert on.texts() == ["Tôi bị sốt 38,2 và ho 🤒"]
    on.send()
    assert [m.address for m in on.kit.arrived()] == [on.kit.address] * len(on.kit.arrived())
    assert on.kit.arrived()


def test_a_repeat_is_acknowledged_and_changes_nothing(on: Stage) -> None:
    hook = on.kit.says("KHAI", "same")
    assert [on.post(hook).status_code < 300 for _ in range(3)] == [True] * 3
    assert len(on.rows(inbox)) == 1
    assert len({row["inbound_id"] for row in on.rows(outbox)}) == 1


def test_what_the_provider_did_not_sign_is_turned_away(on: Stage) -> None:
    forged = on.kit.forged()
    assert len(forged) >= 2
    assert [on.post(hook).status_code for hook in forged] == [403] * len(forged)
    assert on.rows(inbox) == []


def test_what_was_signed_long_ago_is_turned_away(on: Stage) -> None:
    old = on.kit.replayed()
    if old is None:  # its signatures carry no time: the id alone protects
        on.hears("KHAI", "same")
        old = on.kit.says("KHAI", "same")
        assert on.post(old).status_code < 300
        assert len(on.rows(inbox)) == 1
        return
    assert on.post(old).status_code == 403
    assert on.rows(inbox) == []


def test_what_is_of_no_use_is_acknowledged_since_a_repeat_would_not_help(on: Stage) -> None:
    hooks = [*on.kit.malformed(), *on.kit.unknown()]
    assert len(hooks) >= 3
    assert {on.post(hook).status_code < 300 for hook in hooks} == {True}
    assert on.rows(inbox) == []
    on.hears("KHAI")
    assert on.texts() == ["KHAI"]


def test_what_comes_while_the_database_is_away_is_acknowledged_and_read_afterwards(on: Stage) -> None:
    on.hears("KHAI")
    with away(on.settings.database_url):
        on.hears("dong y")
        on.hears("khong co gi")
    on.drain()
    assert on.texts() == ["KHAI", "dong y", "khong co gi"]


def test_what_could_be_kept_nowhere_is_not_acknowledged(on: Stage, environ: dict[str, str]) -> None:
    lost = {**environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "PUBLIC_URL": PUBLIC}
    settings = replace(load({**lost, **on.kit.environ}), spool_limit=1)
    hook = on.kit.says("KHAI", "1")
    web = create_app(settings).test_client()
    answer = web.open(hook.path, method=hook.method, data=hook.body, headers=dict(hook.headers))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


# --- what goes out ---


def test_choices_are_buttons_or_numbers(on: Stage) -> None:
    """By the profile: as many as can be tapped, else all of them numbered in the text."""
    on.hears("KHAI")
    on.hears("khong")
    on.send()
    written = [row for row in on.rows(outbox) if row["status"] != Status.WITHDRAWN]
    for row, arrived in zip(written, on.kit.arrived(), strict=True):
        assert [label for label, _ in arrived.buttons] == [c.label for c in shown(loaded(row["choices"]))]
        assert len(arrived.buttons) <= on.config.profile.buttons
        assert row["text"] in arrived.text


def test_more_choices_than_buttons_are_numbered(on: Stage) -> None:
    many = tuple(Choice(f"{n}", f"Lựa chọn {n}") for n in range(on.config.profile.buttons + 1))
    rendered = on.channel().render("Xin chọn:", many, accents=True)
    assert (rendered.text, rendered.choices) == (f"Xin chọn:{numbered(many)}", ())


def test_a_tap_is_the_answer_and_a_stale_one_is_none(on: Stage) -> None:
    on.hears("KHAI HO")
    on.send()
    asked = next((m for m in reversed(on.kit.arrived()) if m.buttons), None)
    if asked is None:
        assert on.config.profile.buttons == 0
        assert on.kit.taps("x", "1") is None
        return
    tap = on.kit.taps(asked.buttons[0][1], "tap 1")
    again = on.kit.taps(asked.buttons[0][1], "tap 2")
    assert tap is not None
    assert again is not None
    assert on.post(tap).status_code < 300
    before = len(on.replies())
    assert "đã qua" not in on.replies()[-1]
    assert on.post(again).status_code < 300
    assert "đã qua" in " ".join(on.replies()[before:])


def test_a_long_text_is_shortened_rather_than_refused(on: Stage) -> None:
    on.hears("KHAI")
    message = on.put("Xin chào. " * 700)
    on.send()
    assert on.message(message)["status"] in {Status.SENT, Status.DELIVERED}
    longest = max(len(m.text) for m in on.kit.arrived())
    assert on.config.profile.max_text * 0.9 <= longest <= on.config.profile.max_text


def test_a_person_who_blocked_us_is_marked_until_they_write_again(on: Stage) -> None:
    on.hears("KHAI")
    on.send()
    on.kit.refuses()
    message = on.put("Xin chào")
    on.send()
    assert on.message(message)["status"] == Status.FAILED
    assert on.address()["unreachable_at"] is not None
    assert on.address()["unreachable_code"]
    on.hears("KHAI")
    assert on.address()["unreachable_at"] is None


def test_a_notice_of_a_blocked_chat_marks_the_address(on: Stage) -> None:
    on.hears("KHAI")
    hook = on.kit.blocked()
    if hook is not None:
        assert on.post(hook).status_code < 300
        assert on.address()["unreachable_at"] is not None
    assert on.texts() == ["KHAI"]


def test_too_many_messages_make_the_channel_wait(on: Stage) -> None:
    on.hears("KHAI")
    on.send()
    before = len(on.kit.arrived())
    on.kit.limits(7)
    first = on.put("Một")
    on.send()
    assert on.message(first)["status"] == Status.QUEUED
    assert (on.message(first)["due_at"] - on.now()).total_seconds() > 1
    assert len(on.kit.arrived()) == before
    on.wait_for(first)
    on.send()
    assert on.message(first)["status"] in {Status.SENT, Status.DELIVERED}


@pytest.mark.parametrize("kind", [MessageKind.RECEIPT, MessageKind.DANGER])
def test_an_answer_that_never_came_leaves_the_message_in_doubt(on: Stage, kind: MessageKind) -> None:
    """Where the provider can be asked or knows our id, everything is tried again and comes once. Elsewhere a warning is
    repeated and may come twice; a receipt is not."""
    on.hears("KHAI")
    on.send()
    on.kit.falls_silent()
    message = on.put("Xin gọi 115", kind)
    on.send(timeout=QUICK)
    row = on.message(message)
    finds_out = on.ability() in {Ability.ONCE, Ability.ASKED}
    again = finds_out or kind is MessageKind.DANGER
    assert row["status"] == (Status.QUEUED if again else Status.UNKNOWN)
    on.wait_for(message)
    on.send()
    same = [m for m in on.kit.arrived() if m.text.startswith("Xin gọi 115")]
    assert len(same) == (2 if again and not finds_out else 1)
    assert on.message(message)["status"] in ({Status.SENT, Status.DELIVERED} if again else {Status.UNKNOWN})


def test_a_report_that_comes_instead_of_the_answer_settles_it(on: Stage) -> None:
    """Of who reports by our own id: nothing is sent again."""
    if on.ability() is not Ability.REPORTS:
        return
    on.hears("KHAI")
    on.send()
    on.kit.falls_silent()
    message = on.put("Xin gọi 115", MessageKind.DANGER)
    on.send(timeout=QUICK)
    assert on.message(message)["due_at"] - on.now() > timedelta(seconds=20)
    assert on.post(on.kit.reports(on.kit.arrived()[-1])[Status.DELIVERED]).status_code < 300
    assert on.message(message)["status"] == Status.DELIVERED
    on.wait_for(message)
    on.send()
    assert len([m for m in on.kit.arrived() if m.text.startswith("Xin gọi 115")]) == 1


def test_reports_count_in_any_order(on: Stage) -> None:
    """Forward only, and the furthest counts, also when they come twice."""
    on.hears("KHAI")
    on.send()
    statuses = list(on.kit.reports(on.kit.arrived()[-1]))
    for order in filter(None, permutations(statuses)):  # none where the provider reports nothing
        message = on.put(f"Xin chào {order}")
        on.send()
        hooks = on.kit.reports(on.kit.arrived()[-1])
        assert {on.post(hooks[status]).status_code < 300 for status in (*order, *order)} == {True}
        assert on.message(message)["status"] == max(order, key=list(Status).index)


def test_a_report_of_nothing_of_ours_is_acknowledged(on: Stage) -> None:
    on.hears("KHAI")
    strange = on.kit.reports(Arrived(on.kit.address, "", id="00000000-0000-7000-8000-000000000000"))
    assert {on.post(hook).status_code < 300 for hook in strange.values()} <= {True}


def test_no_number_name_or_answer_is_logged(on: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        on.hears("Tôi là Nguyễn Văn Bịa, sốt 39 độ")
        for hook in (*on.kit.malformed(), *on.kit.unknown(), *on.kit.forged()):
            on.post(hook)
        on.kit.limits(1)
        on.send()
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp.access"))
    for secret in (on.kit.address, on.kit.address.lstrip("+"), "Bịa", "39 độ"):
        assert secret not in said

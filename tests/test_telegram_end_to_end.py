"""A declaration by Telegram: the real worker asks the bot's updates and sends with the real client; nobody calls us.

And the same by webhook, through the real web application.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from app import worker
from app.migrate import migrate
from app.settings import Settings
from app.web import create_app
from bot.telegram import PROFILE
from bot.telegram.config import TelegramConfig
from core.database.tables import addresses, inbox, outbox, records
from tests.app.test_worker import wait_for, work
from tests.contract.kits.telegram import SECRET, changed
from tests.fakes.telegram import LAN, TOKEN, FakeTelegram, buttons, fake_telegram, message, refuses

PUBLIC = "https://khaibao.example"
AT_ONCE = replace(PROFILE, spacing=0.0)


@dataclass
class Chat:
    """One person before her telephone."""

    telegram: FakeTelegram
    settings: Settings
    engine: Engine

    def writes(self, text: str) -> str:
        """What she is answered."""
        before = len(self.telegram.created)
        self.telegram.hears(text)
        return self.hears(before)

    def taps(self, label: str) -> str:
        before = len(self.telegram.created)
        self.telegram.taps(label)
        return self.hears(before)

    def hears(self, before: int) -> str:
        wait_for(lambda: len(self.telegram.created) > before)
        return str(self.telegram.created[before]["text"])

    def labels(self) -> list[str]:
        """The buttons under the newest message, without numbers."""
        return [label.lstrip("0123456789 ") for label, _ in buttons(self.telegram.created[-1])]

    def to_be_sent(self) -> int:
        """All of ours but a question that was passed before it left."""
        wanted = select(func.count()).select_from(outbox).where(outbox.c.status != "withdrawn")
        with self.engine.connect() as connection:
            return connection.scalars(wanted).one()

    def count(self, table: Any, **where: Any) -> int:
        wanted = select(func.count()).select_from(table).where(*(table.c[k] == v for k, v in where.items()))
        with self.engine.connect() as connection:
            return connection.execute(wanted).scalar_one()


@pytest.fixture
def chat(settings: Settings, engine: Engine) -> Iterator[Chat]:
    with fake_telegram() as telegram:
        real = replace(settings, demo=False, channels=(TelegramConfig(TOKEN, api_url=telegram.url, profile=AT_ONCE),))
        migrate(engine, real)
        yield Chat(telegram, real, engine)


def test_she_declares_by_writing_and_tapping(chat: Chat) -> None:
    chat.telegram.webhook = {"url": "https://elsewhere.example"}  # left over from an earlier try

    def scene() -> None:
        assert "khai báo y tế" in chat.writes("/khai")
        assert chat.labels() == ["Có", "Không"]
        assert "sốt, ho" in chat.taps("Có")
        assert "gặp ai" in chat.writes("ho, đau họng")
        assert chat.labels() == ["Không có gì"]
        assert "đi khỏi tỉnh" in chat.taps("Không có gì")
        assert "họ và tên" in chat.taps("Không")
        assert "năm nào" in chat.writes("Nguyễn Thị Lan")
        assert "nam hay nữ" in chat.writes("1984")
        assert "xã, phường nào" in chat.taps("Nữ")
        assert "thôn" in chat.writes("xã Bát Xát, Lào Cai")
        assert "ho, đau họng" in chat.writes("thôn Ná Ảng")
        assert "Đã nhận tờ khai của Nguyễn Thị Lan" in chat.writes("ok")
        wait_for(lambda: chat.count(outbox, status="sent") == 11)

    work(chat.settings, chat.engine, scene, patience=60)

    assert chat.count(inbox) == 11
    assert chat.count(records) == 1
    assert len(chat.telegram.created) == 11
    assert {m["chat"]["id"] for m in chat.telegram.created} == {LAN}
    assert len(chat.telegram.calls("answerCallbackQuery")) == 4
    assert chat.telegram.webhook == {}


def test_a_stale_button_is_answered_and_answers_nothing(chat: Chat) -> None:
    def scene() -> None:
        chat.writes("khai")
        chat.taps("Có")
        assert "đã qua" in chat.taps("Không")
        wait_for(lambda: len(chat.telegram.calls("answerCallbackQuery")) == 2)

    work(chat.settings, chat.engine, scene, patience=40)


@pytest.mark.slow
def test_an_edit_corrects_the_answer_and_not_the_next_one(chat: Chat) -> None:
    def scene() -> None:
        chat.writes("SK 38,2 ho")
        chat.telegram.brings(edited_message=message("38,5 ho"))
        assert "38,5 độ, ho" in chat.hears(1)
        chat.writes("khai")
        chat.taps("Có")
        chat.writes("ho")
        chat.telegram.brings(edited_message=message("sốt"))
        assert "gặp ai" in chat.hears(5), "asked again, since what it asks was not answered by the edit"
        chat.telegram.brings(edited_message=message("STOP"))
        assert "nhắc" in chat.hears(6)

    work(chat.settings, chat.engine, scene, patience=40)
    with chat.engine.connect() as connection:
        kept = connection.execute(select(records.c.root, records.c.version).order_by(records.c.version)).all()
    assert [version for _, version in kept] == [1, 2]
    assert len({root for root, _ in kept}) == 1


def test_what_was_written_while_nobody_asked_is_answered_once(chat: Chat) -> None:
    """As when a worker ends between the commit and its next question: it comes again, and nothing is said twice."""
    update = chat.telegram.hears("khai")
    work(chat.settings, chat.engine, lambda: wait_for(lambda: len(chat.telegram.created) == 1))
    chat.telegram.updates[:] = [update]
    work(chat.settings, chat.engine, lambda: wait_for(lambda: chat.telegram.updates == []))
    assert (chat.count(inbox), chat.count(outbox), len(chat.telegram.created)) == (1, 1, 1)


@pytest.mark.slow
def test_two_workers_answer_once(chat: Chat) -> None:
    def answered() -> bool:
        return chat.count(inbox) == 3 and len(chat.telegram.created) == chat.to_be_sent()

    async def play() -> None:
        stop = asyncio.Event()
        both = [asyncio.create_task(worker.work(chat.settings, chat.engine, stop)) for _ in range(2)]
        loop = asyncio.get_running_loop()
        try:
            for number in range(3):
                await loop.run_in_executor(None, chat.writes, "khai" if number == 0 else "MENU")
            await loop.run_in_executor(None, wait_for, answered, 40.0)
        finally:
            stop.set()
            await asyncio.gather(*both)

    asyncio.run(play())
    assert answered()


def test_the_end_is_not_delayed_by_an_open_question(chat: Chat) -> None:
    told = 0.0

    def scene() -> None:
        nonlocal told
        wait_for(lambda: chat.telegram.asking > 0)
        told = time.monotonic()

    work(chat.settings, chat.engine, scene)
    assert time.monotonic() - told < 5


@pytest.mark.slow
def test_she_closes_the_chat_and_opens_it_again(chat: Chat) -> None:
    def closed() -> bool:
        with chat.engine.connect() as connection:
            return connection.scalars(select(addresses.c.unreachable_at)).one() is not None

    def scene() -> None:
        chat.writes("khai")
        chat.telegram.brings(my_chat_member=changed("kicked"))
        wait_for(closed)
        chat.telegram.brings(my_chat_member=changed("member"))
        wait_for(lambda: not closed())
        chat.telegram.faults.append(refuses(403, "Forbidden: bot was blocked by the user"))
        chat.telegram.hears("MENU")
        wait_for(closed)
        chat.telegram.hears("MENU")
        wait_for(lambda: not closed())

    work(chat.settings, chat.engine, scene, patience=40)


def test_by_webhook_a_tap_is_answered_without_calling_anybody(chat: Chat) -> None:
    hooked = TelegramConfig(TOKEN, SECRET, api_url=chat.telegram.url, public_url=PUBLIC, profile=AT_ONCE)
    settings = replace(chat.settings, channels=(hooked,), public_url=PUBLIC)
    web = create_app(settings, chat.engine).test_client()
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}

    def brings(update: dict[str, Any]) -> Any:
        answer = web.post("/bot/telegram", json=update, headers=headers)
        assert answer.status_code == 200
        return answer.get_json(silent=True)

    def scene() -> None:
        assert brings(chat.telegram.hears("khai")) is None
        assert chat.telegram.requests == [], "the web process calls nobody"
        chat.hears(0)
        update = chat.telegram.taps("Có")
        called = {"method": "answerCallbackQuery", "callback_query_id": update["callback_query"]["id"]}
        assert [brings(update), brings(update)] == [called, called]
        assert "sốt, ho" in chat.hears(1)

    work(settings, chat.engine, scene, patience=40)
    assert chat.telegram.calls("getUpdates") == []
    assert len(chat.telegram.created) == 2

"""The web chat without JavaScript: forms, links and a cookie."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, RowMapping, select
from werkzeug.test import TestResponse

from app.settings import load
from app.web import create_app
from core.database.tables import contacts, inbox, outbox
from tests.cast import found
from tests.outage import away

Rows = Sequence[RowMapping]


@dataclass
class Browser:
    """An old one: it shows pages and sends forms."""

    web: FlaskClient
    engine: Engine

    def page(self, path: str = "/chat") -> str:
        return html.unescape(self.web.get(path).text)

    def ticket(self) -> str:
        found = re.search(r'name="ticket" value="([^"]+)"', self.page())
        assert found
        return found[1]

    def sends(self, ticket: str = "", **fields: str) -> TestResponse:
        return self.web.post("/chat", data={"ticket": ticket or self.ticket(), **fields})

    def says(self, text: str) -> str:
        """And looks at the page that comes then."""
        answer = self.sends(text=text)
        assert answer.status_code == 303, answer.text
        return self.page()

    def taps(self, label: str) -> str:
        found = re.search(rf'name="tap" value="([^"]+)" class="choice">{re.escape(label)}<', self.page())
        assert found, label
        assert self.sends(tap=found[1]).status_code == 303
        return self.page()

    def rows(self, table: object) -> Rows:
        with self.engine.connect() as connection:
            return connection.execute(select(table)).mappings().all()  # type: ignore[call-overload]


@pytest.fixture
def app(engine: Engine, environ: dict[str, str]) -> Flask:
    found(engine)
    return create_app(load(environ), engine)


@pytest.fixture
def browser(app: Flask, engine: Engine) -> Browser:
    return Browser(app.test_client(), engine)


def lines(page: str) -> list[str]:
    return re.findall(r'class="said">(.*?)</span>', page)


def test_who_only_looks_leaves_nothing(browser: Browser) -> None:
    assert "Khai báo y tế" in browser.page()
    browser.page("/chat?say=KHAI")
    assert browser.rows(contacts) == []


def test_a_conversation_by_words_and_by_buttons(browser: Browser) -> None:
    browser.says("KHAI")
    page = browser.taps("1 Có")
    page = browser.says("ho, sốt 38")
    assert "ho, sốt 38" in lines(page)
    page = browser.taps("Không có gì")
    assert len(lines(page)) == 8
    assert [row["text"] for row in browser.rows(inbox)] == ["KHAI", "yes", "ho, sốt 38", "khong"]


def test_what_was_shown_is_delivered(browser: Browser) -> None:
    browser.says("KHAI")
    assert [row["status"] for row in browser.rows(outbox)] == ["delivered"]


def test_words_are_escaped(browser: Browser) -> None:
    browser.sends(text="<script>alert(1)</script>")
    assert "&lt;script&gt;" in browser.web.get("/chat").text
    assert "<script>alert" not in browser.web.get("/chat").text
    assert "<script>alert" not in browser.web.get("/chat?say=<script>alert(2)</script>").text


def test_a_form_sent_twice_is_one_message_and_other_words_another(browser: Browser) -> None:
    ticket = browser.ticket()
    for text in ("KHAI", "KHAI", "MENU"):
        assert browser.sends(ticket, text=text).status_code == 303
    assert [row["text"] for row in browser.rows(inbox)] == ["KHAI", "MENU"]


def test_two_browsers_are_two_people(app: Flask, browser: Browser) -> None:
    other = Browser(app.test_client(), browser.engine)
    browser.says("KHAI")
    assert lines(other.page()) == []
    other.says("MENU")
    assert len({row["contact_id"] for row in browser.rows(inbox)}) == 2


def test_nobody_writes_in_anothers_name(app: Flask, browser: Browser) -> None:
    """Another site has no ticket; another browser's ticket is not good here."""
    other = Browser(app.test_client(), browser.engine)
    browser.page()
    for ticket in ("forged", other.ticket()):
        answer = browser.sends(ticket, text="SK OK")
        assert answer.status_code == 403
        assert "SK OK" in answer.text  # what was written is not lost
    assert browser.rows(inbox) == []


def test_a_forged_cookie_is_nobodys(browser: Browser) -> None:
    browser.says("KHAI")
    browser.web.set_cookie("chat", "forged")
    assert lines(browser.page()) == []


@pytest.mark.parametrize(("text", "why"), [("", "viết tin"), ("  ", "viết tin"), ("a" * 1001, "dài quá")])
def test_what_is_no_message_is_answered_on_the_page(browser: Browser, text: str, why: str) -> None:
    answer = browser.sends(text=text)
    assert (answer.status_code, why in answer.text) == (400, True)
    assert 'role="alert"' in answer.text


def test_without_cookies_it_says_what_to_do(browser: Browser) -> None:
    ticket = browser.ticket()
    browser.web.delete_cookie("chat")
    answer = browser.web.post("/chat", data={"ticket": ticket, "text": "KHAI"})
    assert answer.status_code == 400
    assert "cookie" in answer.text


def test_too_many_messages_wait_and_are_not_lost(browser: Browser) -> None:
    for n in range(20):
        assert browser.sends(text=f"xin chào {n}").status_code == 303
    answer = browser.sends(text="tôi ho từ hôm qua")
    assert answer.status_code == 429
    assert "115" in answer.text
    assert "tôi ho từ hôm qua" in answer.text


def test_danger_is_heard_however_many_messages_there_were(browser: Browser) -> None:
    for n in range(21):
        browser.sends(text=f"xin chào {n}")
    assert browser.sends(text="khó thở quá").status_code == 303


def test_the_page_speaks_english_and_so_does_the_conversation(browser: Browser) -> None:
    browser.page("/chat?lang=en")
    assert "Do you agree" in browser.says("DECLARE")


def test_a_shared_computer_forgets(browser: Browser) -> None:
    browser.says("KHAI")
    answer = browser.web.post("/chat/forget", data={"ticket": browser.ticket()})
    assert answer.status_code == 303
    assert lines(browser.page()) == []


def test_another_site_makes_it_forget_nothing(browser: Browser) -> None:
    browser.says("KHAI")
    assert browser.web.post("/chat/forget", data={"ticket": "forged"}).status_code == 403
    assert len(lines(browser.page())) == 2


def test_a_miss_leaves_the_buttons_of_the_open_question(browser: Browser) -> None:
    browser.says("KHAI")
    browser.taps("1 Có")
    page = browser.says("blah blah")
    assert ">Không có gì<" in page


def test_of_several_answers_none_is_a_button(browser: Browser) -> None:
    """A tap would end the question with one of them."""
    for text in ("KHAI", "có", "không ho không sốt không khó thở"):
        page = browser.says(text)
    assert "1 Người mắc bệnh 2" in lines(page)[-1]
    assert re.findall(r'class="choice">(.*?)<', page) == ["Không có gì"]


def test_who_asks_for_a_call_is_asked_for_a_number(browser: Browser) -> None:
    assert "số điện thoại" in browser.says("GOI")
    assert "Đã ghi số 0900000034" in browser.says("số tôi 0900 000 034")
    assert [row["phone"] for row in browser.rows(contacts)] == ["+84900000034"]
    assert "Xin nhắn số điện thoại" not in lines(browser.says("khó thở quá"))[-1]


def test_the_script_gets_only_what_is_new(browser: Browser) -> None:
    browser.says("KHAI")
    first = browser.web.get("/chat/messages?after=0").get_json()
    assert first["count"] == 2
    assert "KHAI" in first["lines"]
    assert "1 Có" in first["choices"]
    assert browser.web.get(f"/chat/messages?after={first['count']}").status_code == 204


def test_buttons_of_an_answered_question_are_gone(browser: Browser) -> None:
    browser.says("KHAI")
    assert 'class="choice"' in browser.page()
    assert 'class="choice"' not in browser.says("THOAT")


def test_it_is_shared_by_a_link_and_a_code(browser: Browser) -> None:
    page = browser.page("/chat/share")
    assert "http://localhost/chat" in page
    assert "<svg" in page


def test_the_cookie_is_the_browsers_own(browser: Browser) -> None:
    cookie = browser.web.get("/chat").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_it_is_off_unless_asked_for(engine: Engine, environ: dict[str, str]) -> None:
    found(engine)
    web = create_app(load({**environ, "WEB_CHAT": "0"}), engine).test_client()
    assert web.get("/chat").status_code == 404
    assert "/chat" not in web.get("/").text


def test_it_speaks_english(browser: Browser) -> None:
    page = browser.page("/chat?lang=en")
    assert "Health declaration" in page
    assert not re.search(r"[ăđơư]", re.sub(r"<.*?>", "", page).replace("Tiếng Việt", "").lower())


def test_a_tap_is_shown_as_the_words_of_its_button(browser: Browser) -> None:
    browser.says("KHAI")
    assert lines(browser.taps("1 Có"))[2] == "1 Có"


def test_while_the_database_is_away_what_is_written_is_kept_and_the_page_says_so(
    app: Flask, browser: Browser, environ: dict[str, str]
) -> None:
    before = browser.says("KHAI")
    with away(environ["DATABASE_URL"]):
        page = browser.says("dong y")
        script = browser.web.get("/chat/messages?after=2")
    app.extensions["khaibao"].ingress.drain()

    assert 'id="away" role="status">Máy đang bận. Tin đã gửi được giữ lại' in page
    assert "gọi 115 ngay" in page
    assert 'id="away" role="status" hidden>' in before
    assert script.status_code == 503
    assert [row["text"] for row in browser.rows(inbox)] == ["KHAI", "dong y"]
    assert "dong y" in lines(browser.page())


def test_what_can_be_kept_nowhere_is_told(engine: Engine, environ: dict[str, str]) -> None:
    found(engine)
    browser = Browser(create_app(replace(load(environ), spool_limit=1), engine).test_client(), engine)
    ticket = browser.ticket()
    with away(environ["DATABASE_URL"]):
        answer = browser.sends(ticket, text="kho tho")

    assert answer.status_code == 503
    assert "115" in answer.text

"""The pages' language: Vietnamese, or what the person switched to, kept for the rest of the visit."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from app import i18n

SOURCE = "Đến nội dung chính"
PAGE = f'{{{{ language }}}} {{{{ "demo" if demo }}}} {{{{ _("{SOURCE}") }}}}'


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("made_up")
    app.secret_key = "made up"
    i18n.install(app, demo=True)
    app.add_url_rule("/", view_func=lambda: render_template_string(PAGE), endpoint="page")
    links = "{% for s in switches %}{{ s.language }} {{ s.name }} {{ s.url }}{% endfor %}"
    app.add_url_rule("/links", view_func=lambda: render_template_string(links), endpoint="links")
    app.add_url_rule("/words", view_func=lambda: i18n.words().gettext(SOURCE), endpoint="words")
    app.add_url_rule(
        "/name",
        view_func=lambda: render_template_string('{{ _("Chào %(name)s", name="<b>") }} {{ _("<i>") }}'),
        endpoint="name",
    )
    return app.test_client()


def test_a_page_is_vietnamese_until_someone_switches(client: FlaskClient) -> None:
    assert client.get("/").text == f"vi demo {SOURCE}"


def test_a_switch_is_kept_for_the_visit_and_can_be_taken_back(client: FlaskClient) -> None:
    english = client.get("/?lang=en").text

    assert english.startswith("en demo ")
    assert client.get("/").text == english
    assert client.get("/words").text == english.removeprefix("en demo ")
    assert client.get("/?lang=vi").text == f"vi demo {SOURCE}"


@pytest.mark.parametrize("unknown", ["", "xx", "../en", "EN"])
def test_an_unknown_language_changes_nothing(client: FlaskClient, unknown: str) -> None:
    client.get("/?lang=en")

    assert client.get(f"/?lang={unknown}").text.startswith("en ")


def test_a_cookie_that_names_a_language_that_is_gone_reads_as_vietnamese(client: FlaskClient) -> None:
    with client.session_transaction() as kept:
        kept["language"] = "gone"

    assert client.get("/").text == f"vi demo {SOURCE}"


@pytest.mark.parametrize(
    ("here", "link"),
    [
        ("/links", "en English /links?lang=en"),
        ("/links?number=0900000011", "en English /links?number=0900000011&amp;lang=en"),
        ("/links?lang=en", "vi Tiếng Việt /links?lang=vi"),
        ('/links?q="><b>', "en English /links?q=%22%3E%3Cb%3E&amp;lang=en"),
    ],
)
def test_the_other_language_is_one_link_away_on_the_same_page(client: FlaskClient, here: str, link: str) -> None:
    assert client.get(here).text == link


def test_texts_and_what_is_filled_into_them_are_escaped(client: FlaskClient) -> None:
    assert client.get("/name").text == "Chào &lt;b&gt; &lt;i&gt;"

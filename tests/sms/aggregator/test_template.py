"""Whatever a person writes stays inside its place: in JSON, in XML, in a query, in a header, in a path."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sms.aggregator.request import address, prepared
from sms.aggregator.settings import Format, Request
from sms.aggregator.template import Template, fill_tree, in_json, in_xml, names_in

TEXTS = st.text(st.characters(codec="utf-8"))
NASTY = [
    '"}',
    '", "to": "84900000002',
    "</text><to>1</to>",
    "&to=1",
    "]]>",
    "\r\nX-Admin: 1",
    "{to}",
    "{secret.key}",
    "\x00\x0b",
]
SOAP = '<Envelope><Body a="{text}"><to>{to}</to><text>{text}</text></Body></Envelope>'


def request(form: Format, body: object, **more: object) -> Request:
    values = {"method": "POST", "url": Template("https://sms.example/x"), "headers": {}} | more
    return Request(format=form, body=body, **values)  # type: ignore[arg-type]


def sent(made: Request, values: dict[str, str]) -> httpx.Request:
    """As it would leave."""
    return httpx.Request(made.method, address(made, values), **prepared(made, values))


def nasty(test: Callable[..., None]) -> Callable[..., None]:
    for text in NASTY:
        test = example(text=text)(test)
    return test


@given(text=TEXTS)
def _json_template(text: str) -> None:
    filled = Template('{"message": {"to": "{to}", "text": "{text}"}}').fill(
        {"to": "84900000001", "text": text}, in_json
    )
    assert json.loads(filled) == {"message": {"to": "84900000001", "text": text}}


@given(text=TEXTS)
def _json_table(text: str) -> None:
    left = sent(
        request(Format.JSON, {"to": ["{to}"], "text": "{text}", "n": "{n:int}"}), {"to": "1", "text": text, "n": "7"}
    )
    assert json.loads(left.content) == {"to": ["1"], "text": text, "n": 7}


@given(text=TEXTS)
def _xml(text: str) -> None:
    filled = sent(request(Format.XML, Template(SOAP)), {"to": "84900000001", "text": text}).content
    root = ElementTree.fromstring(filled)
    body = root.find("Body")
    assert body is not None
    assert [child.tag for child in body] == ["to", "text"]
    assert list(body.attrib) == ["a"]
    carried = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and c not in "\ufffe\uffff"))
    assert (body.findtext("text") or "") == carried


@given(text=TEXTS)
def _fields(text: str) -> None:
    body = {"to": "{to}", "text": "{text}"}
    for form in (Format.QUERY, Format.FORM):
        left = sent(request(form, body), {"to": "1", "text": text})
        found = httpx.QueryParams(left.url.query if form is Format.QUERY else left.content)
        assert found.multi_items() == [("to", "1"), ("text", text)]


@given(text=TEXTS)
def _path(text: str) -> None:
    made = request(Format.JSON, {}, url=Template("https://sms.example/a/{text}/b?x=1"))
    parts = urlsplit(address(made, {"text": text}))
    assert (parts.netloc, parts.query, parts.fragment) == ("sms.example", "x=1", "")
    head, middle, tail = parts.path.rsplit("/", 2)[0], parts.path.split("/")[2], parts.path.rsplit("/", 1)[1]
    assert (head, unquote(middle), tail) == ("/a", text, "b")


@given(text=TEXTS)
def _header(text: str) -> None:
    made = request(Format.JSON, {}, headers={"X-Note": Template("a {text}")})
    value = prepared(made, {"text": text})["headers"]["X-Note"]
    assert not set(value) & {"\r", "\n", "\x00"}


@pytest.mark.parametrize("check", [_json_template, _json_table, _xml, _fields, _path, _header])
def test_no_text_breaks_out_of_its_place(check: Callable[..., None]) -> None:
    nasty(check)()


def test_a_value_is_not_a_template() -> None:
    assert Template("{text}").fill({"text": "{key}", "key": "secret"}) == "{key}"
    assert fill_tree({"a": "{text}"}, {"text": "{key}", "key": "secret"}) == {"a": "{key}"}


def test_braces_of_json_are_no_holes() -> None:
    assert Template('{"a": {"b": "{to}"}}').names == {"to"}
    assert names_in({"a": ["{to}", {"b": "{time:int}"}], "c": 3}) == {"to", "time"}


def test_what_cannot_be_in_xml_is_left_out() -> None:
    assert in_xml("a\x00\x0bb\ufffe") == "ab"


def test_a_number_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        fill_tree("{time:int}", {"time": "noon"})

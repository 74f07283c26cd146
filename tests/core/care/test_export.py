"""Exports: which rows, which columns, and that no spreadsheet is harmed."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, insert, text

from core.care import export_files
from core.care.export import EXPORTS, Value, columns, read
from core.care.export_files import FORMATS, neutral
from core.database.tables import inbox, outbox
from tests.core.forwarding.cast import NOON, OTHER_STATION, STATION, Cast

NAME = "Nguyễn Thị Mẫu"


@pytest.fixture
def cast(engine: Engine) -> Cast:
    return Cast(engine).settle_in()


def test_the_columns_and_their_order_are_fixed() -> None:
    assert columns("declarations") == columns("checkins")
    assert columns("declarations") == (
        *("number", "id", "root", "version", "form", "code", "person_id", "full_name", "year_of_birth", "gender"),
        *("nationality", "address", "unit_code", "channel", "on_behalf", "signs", "temperature", "level"),
        *("answers", "legal_basis", "declared_at", "confirmed_at", "superseded_at", "forwarded_at"),
    )
    assert columns("messages") == (
        *("id", "direction", "contact_id", "unit_code", "channel", "kind", "parts", "status", "attempts"),
        *("error", "at", "sent_at"),
    )
    assert columns("messages", texts=True) == (*columns("messages"), "text")
    assert columns("forwards") == (
        *("id", "record_id", "person_id", "unit_code", "destination_id", "sequence", "urgent", "status"),
        *("attempts", "error", "created_at", "due_at", "delivered_at"),
    )


def test_each_form_is_its_own_export_in_order_of_arrival(cast: Cast) -> None:
    person = cast.person(NAME)
    made = [cast.record(person, form=form) for form in ("declaration", "checkin", "declaration")]
    assert [row["id"] for row in _lines(cast, "declarations")] == [str(made[0]["id"]), str(made[2]["id"])]
    assert [row["id"] for row in _lines(cast, "checkins")] == [str(made[1]["id"])]


def test_a_line_says_what_was_declared(cast: Cast) -> None:
    answers = {"signs": ["fever"], "phone": "0900 000 001", "id_number": "001048000001"}
    cast.record(cast.person(NAME), answers=answers, signs=["fever", "cough"])
    (row,) = _lines(cast, "checkins")
    assert (row["full_name"], row["year_of_birth"], row["gender"]) == (NAME, 1948, None)
    assert (row["signs"], row["temperature"], row["answers"]) == (["fever", "cough"], 38.2, {"signs": ["fever"]})
    assert (row["declared_at"], row["superseded_at"]) == ("2026-11-21T12:00:00+07:00", None)


def test_only_of_these_units_and_since_then(cast: Cast) -> None:
    person = cast.person()
    cast.record(person, code="OLD", declared_at=NOON - timedelta(days=2))
    cast.record(person, code="NEW")
    cast.record(person, code="AWAY", unit_code=OTHER_STATION)
    assert [row["code"] for row in _lines(cast, "checkins", [STATION])] == ["OLD", "NEW"]
    assert [row["code"] for row in _lines(cast, "checkins", [STATION], NOON)] == ["NEW"]
    assert _lines(cast, "checkins", []) == []


def test_deliveries_are_exported(cast: Cast) -> None:
    held, _ = cast.destination(STATION, "https://in.example/")
    (record,) = cast.checkins(cast.person(), 1)
    (row,) = _lines(cast, "forwards")
    assert (row["record_id"], row["destination_id"], row["status"]) == (str(record["id"]), str(held), "pending")


def test_messages_of_both_directions_without_their_texts(cast: Cast) -> None:
    _messages(cast)
    rows = _lines(cast, "messages")
    assert [(row["direction"], row["kind"], row["parts"], row["status"]) for row in rows] == [
        ("in", "", None, "done"),
        ("out", "question", 2, "sent"),
    ]
    assert "sốt" not in str(rows)
    assert "0900 000" not in str(rows)
    assert [row["text"] for row in _lines(cast, "messages", texts=True)] == ["con sốt", "Có sốt không?"]


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "\u00a0=1", "＝1", "=cmd|' /C calc'!A0"],
)
def test_a_formula_is_made_text(typed: str) -> None:
    assert neutral(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["", "Nguyễn Thị Mẫu", "a=1", "38,2", "{}", "'=1"])
def test_other_text_stays_as_it_is(typed: str) -> None:
    assert neutral(typed) == typed


def test_csv_opens_in_excel_and_runs_nothing(cast: Cast) -> None:
    cast.record(cast.person("=HYPERLINK(1)"), signs=["fever", "cough"], on_behalf=True)
    raw = _written(cast, "csv")
    assert raw.startswith(b"\xef\xbb\xbfnumber,id,")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert (row["full_name"], row["signs"], row["temperature"]) == ("'=HYPERLINK(1)", "fever; cough", "38.2")
    assert (row["on_behalf"], row["answers"], row["superseded_at"]) == ("true", '{"signs":["fever"]}', "")


def test_xlsx_holds_texts_and_numbers_but_no_formula(cast: Cast) -> None:
    cast.record(cast.person("=1+1\x07"), answers={"travel_places": "=2"})
    (sheet,) = load_workbook(io.BytesIO(_written(cast, "xlsx"))).worksheets
    header, row = sheet.iter_rows()
    cells = {str(name.value): cell for name, cell in zip(header, row, strict=True)}
    assert tuple(cells) == columns("checkins")
    assert (cells["full_name"].value, cells["temperature"].value) == ("'=1+1", 38.2)
    assert all(cell.data_type != "f" for cell in row)


def test_more_rows_than_a_sheet_holds_go_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "SHEET_ROWS", 2)
    out = io.BytesIO()
    FORMATS["xlsx"](out, "checkins", ["n"], ((n,) for n in range(5)))
    sheets = load_workbook(out).worksheets
    assert [sheet.title for sheet in sheets] == ["checkins", "checkins 2", "checkins 3"]
    assert [[row[0] for row in sheet.values] for sheet in sheets] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


@pytest.mark.parametrize("form", list(FORMATS))
@pytest.mark.parametrize("kind", list(EXPORTS))
def test_nothing_to_export_is_an_empty_file_with_its_columns(cast: Cast, kind: str, form: str) -> None:
    raw = _written(cast, form, kind)
    if form == "jsonl":
        assert raw == b""
    if form == "csv":
        assert raw.decode("utf-8-sig") == ",".join(columns(kind)) + "\r\n"
    if form == "xlsx":
        (sheet,) = load_workbook(io.BytesIO(raw)).worksheets
        assert [tuple(row) for row in sheet.values] == [columns(kind)]


def test_memory_does_not_grow_with_the_rows(cast: Cast) -> None:
    cast.record(cast.person())
    with cast.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO cell_test.records (id, root, version, code, form, form_hash, person_id, contact_id,"
                " inbound_id, channel, unit_code, answers, signs, level, legal_basis, on_behalf, declared_at)"
                " SELECT gen_random_uuid(), gen_random_uuid(), 1, code, form, form_hash, person_id, contact_id,"
                " gen_random_uuid(), channel, unit_code, answers, signs, level, legal_basis, on_behalf, declared_at"
                " FROM cell_test.records, generate_series(1, 20000)"
            )
        )
    assert _peak(cast) < 8_000_000


def _peak(cast: Cast) -> int:
    """Bytes held at most while 20,001 rows (about 40 MB at once) go by."""
    tracemalloc.start()
    try:
        with cast.engine.connect() as connection:
            assert sum(1 for _ in read(connection, "checkins", None, None)) == 20_001
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _rows(
    cast: Cast, kind: str, units: Collection[str] | None, since: datetime | None, texts: bool
) -> Iterator[tuple[Value, ...]]:
    with cast.engine.connect() as connection:
        yield from read(connection, kind, units, since, texts=texts)


def _lines(
    cast: Cast,
    kind: str,
    units: Collection[str] | None = None,
    since: datetime | None = None,
    texts: bool = False,
) -> list[dict[str, Any]]:
    out = io.BytesIO()
    FORMATS["jsonl"](out, kind, columns(kind, texts=texts), _rows(cast, kind, units, since, texts))
    return [orjson.loads(line) for line in out.getvalue().splitlines()]


def _written(cast: Cast, form: str, kind: str = "checkins") -> bytes:
    out = io.BytesIO()
    FORMATS[form](out, kind, columns(kind), _rows(cast, kind, None, None, False))
    return out.getvalue()


def _messages(cast: Cast) -> UUID:
    """One in and one out."""
    common = {"contact_id": cast.contact, "channel": "phone", "address": "0900 000 001"}
    arrived = {"id": uuid4(), "external_id": "1", "text": "con sốt", "received_at": NOON, "state": "done"}
    left = {
        "id": uuid4(),
        "seq": 1,
        "kind": "question",
        "priority": 1,
        "text": "Có sốt không?",
        "parts": 2,
        "status": "sent",
        "created_at": NOON + timedelta(seconds=1),
        "due_at": NOON,
        "expires_at": datetime(2027, 1, 1, tzinfo=UTC),
    }
    with cast.engine.begin() as connection:
        connection.execute(insert(inbox).values(common | arrived))
        connection.execute(insert(outbox).values(common | left))
    return cast.contact

"""`khaibao forms`."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from app import cli_forms
from core.conversation.understanding import Unclear
from core.forms.faults import Fault, FormFaults
from core.forms.load import load, load_all
from tests.core.forms.conftest import FORM


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli_forms.forms, arguments)
    return result.exit_code, result.output


def test_check_finds_no_faults() -> None:
    assert run("check") == (0, f"{len(load_all())} forms in vi, en: no faults\n")


def test_check_fails_with_a_line_for_each_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_forms, "check_all", lambda forms, *_: [Fault(form.key, 0, "too long") for form in forms])
    code, output = run("check")
    assert code == 1
    assert output.splitlines() == [f"{key}: too long" for key in load_all()]


def test_check_reads_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = load(FORM.replace("ví dụ 3.", "ví dụ: nhieu."), "visit.toml")
    monkeypatch.setattr(cli_forms, "load_all", lambda: {"visit": broken})
    code, output = run("check")
    assert code == 1
    assert "visit.people.hint: the example 'nhieu' in 'vi' is not understood here: change it" in output.splitlines()


@pytest.mark.parametrize("today", [date(2026, 1, 22), date(2026, 6, 1), date(2026, 12, 25)])
def test_an_example_of_a_day_is_understood_all_year(today: date) -> None:
    form = load(FORM.replace('kind = "text"', 'kind = "coming"').replace('detail = "place"\n', ""), "visit.toml")
    reader = cli_forms._reader(today)
    assert not isinstance(reader.read("20/12", form.question("place"), form), Unclear)


def test_list_has_a_line_for_each_form() -> None:
    code, output = run("list", "--language", "en")
    assert code == 0
    assert len(output.splitlines()) == len(load_all())
    form = load_all()["declaration"]
    assert f"declaration {form.version} {form.hash} Health declaration | KHAI | " in output


def test_a_form_that_cannot_be_loaded_is_an_error_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise FormFaults([Fault("x.toml", 3, "unknown key"), Fault("x.toml", 9, "no hint")])

    monkeypatch.setattr(cli_forms, "load_all", fail)
    assert run("check") == (1, "Error: the forms cannot be loaded:\nx.toml:3: unknown key\nx.toml:9: no hint\n")


def test_show_prints_the_tree() -> None:
    code, output = run("show", "declaration")
    assert code == 0
    assert "│   └── [travelled = yes] travel_places (text) 1/1\n" in output


def test_show_in_another_language() -> None:
    assert "What is your temperature?" in run("show", "checkin", "--language", "en")[1]


def test_show_names_the_forms_that_there_are() -> None:
    code, output = run("show", "declaraton")
    assert code == 1
    assert output.startswith("Error: no form 'declaraton': there are checkin, declaration")


def test_fhir_prints_a_questionnaire() -> None:
    code, output = run("fhir", "checkin", "--date", "2026-11-02", "--status", "active")
    assert code == 0
    made = json.loads(output)
    assert (made["resourceType"], made["status"], made["date"]) == ("Questionnaire", "active", "2026-11-02")
    assert (made["url"], made["language"]) == ("urn:khaibao:Questionnaire:checkin", "vi")
    assert made["title"] == "Theo dõi sức khỏe"


def test_fhir_names_it_by_where_we_are() -> None:
    _, output = run("fhir", "checkin", "--language", "en", "--base", "https://example.org/fhir")
    made = json.loads(output)
    assert (made["url"], made["language"]) == ("https://example.org/fhir/Questionnaire/checkin", "en")
    assert made["status"] == "draft"


def test_fhir_takes_our_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://khaibao.example.org")
    assert '"url": "https://khaibao.example.org/Questionnaire/checkin"' in run("fhir", "checkin")[1]

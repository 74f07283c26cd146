"""`khaibao spool`: what waits on this host, and handing it in without a web."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from app.cli_spool import spool as command
from app.ports import spool
from app.settings import Settings
from core.database.tables import inbox
from core.messaging.entries import written
from core.messaging.spool import Spool
from tests.cast import LAN, Cast, settle


@pytest.fixture
def kept(settings: Settings, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Spool:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("DATA_KEY", ",".join(settings.data_keys))
    return spool(settings)


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    return settle(engine, settings)


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def put(kept: Spool, cast: Cast, text: str) -> str:
    return kept.keep(kept.key("phone", LAN), written(cast.message(text))).id


def test_list_shows_how_much_waits_and_what_was_set_aside(kept: Spool, cast: Cast) -> None:
    put(kept, cast, "KHAI")
    id = put(kept, cast, "kho tho")
    kept.set_aside(kept.waiting()[1], "refused")
    first, second = khaibao("list").output.splitlines()

    assert first.startswith("1 waiting, 0.0 MB, the oldest for ")
    assert second == f"{id}\trefused"


def test_retry_takes_back_by_id_or_all(kept: Spool, cast: Cast) -> None:
    ids = [put(kept, cast, text) for text in ("KHAI", "kho tho", "ho")]
    for entry in kept.waiting():
        kept.set_aside(entry, "failed")

    assert khaibao("retry", ids[1]).output == "1 waiting again\n"
    assert khaibao("retry", "--all").output == "2 waiting again\n"
    assert [entry.id for entry in kept.waiting()] == ids
    assert khaibao("retry").exit_code == 2


def test_drain_hands_in_without_a_web(kept: Spool, cast: Cast) -> None:
    put(kept, cast, "KHAI")

    assert khaibao("drain").output == "1 handed in, 0 waiting\n"
    with cast.engine.connect() as connection:
        assert connection.scalars(select(inbox.c.text)).all() == ["KHAI"]

"""Machines of a channel's own that say that they are alive."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, update

from app.settings import Settings
from app.web import create_app
from core.database.shared import channel_beats
from core.messaging.beats import beat, silences


def test_only_the_last_beat_counts(engine: Engine) -> None:
    with engine.begin() as connection:
        assert silences(connection) == {}
        beat(connection, "android")
        earlier = channel_beats.c.heard_at - timedelta(minutes=40)
        connection.execute(update(channel_beats).values(heard_at=earlier))
        assert timedelta(minutes=40) <= silences(connection)["android"] < timedelta(minutes=41)
        beat(connection, "android")
        assert silences(connection)["android"] < timedelta(minutes=1)


def test_the_silence_is_measured(engine: Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        beat(connection, "android")
    said = create_app(settings, engine).test_client().get("/metrics").get_data(as_text=True)
    lines = dict(line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    assert 0 <= float(lines['khaibao_channel_silent_seconds{of="android"}']) < 60

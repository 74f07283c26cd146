"""Logs on stderr: JSON, one object a line, that speak in ids. A demo at a terminal gets plain lines.

An exception is logged by its type and its frames. Its text is left out, since PostgreSQL, Flask and others
quote in it what somebody typed; a demo, whose people are made up, shows it.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO, TypeAlias

from pythonjsonlogger.json import JsonFormatter

from app.settings import Settings

_Info: TypeAlias = "tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]"

_FIELDS = "{asctime}{levelname}{name}{message}"
_NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}
_TALKATIVE = ("httpx", "httpcore", "twilio", "apscheduler", "alembic", "werkzeug")
"""They log addresses with tokens and numbers in them, or every beat."""


def setup(settings: Settings, process: str, stream: TextIO | None = None) -> None:
    """Once a process, before anything logs. `process` is web, worker, clock or run; `stream` is stderr."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_plain(process) if settings.demo and stream.isatty() else SafeFormatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class SafeFormatter(JsonFormatter):
    """One JSON object a line, with the process's name and without any exception's text."""

    def __init__(self, process: str) -> None:
        super().__init__(
            _FIELDS, style="{", rename_fields=_NAMES, static_fields={"process": process}, json_ensure_ascii=False
        )
        self.default_time_format = "%Y-%m-%dT%H:%M:%S%z"
        self.default_msec_format = ""

    def formatException(self, ei: _Info) -> str:
        kind, error, frames = ei
        if kind is None or error is None:
            return ""
        lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(frames)]
        state = getattr(getattr(error, "orig", error), "sqlstate", None)
        return "\n".join([*lines, f"{kind.__module__}.{kind.__name__}" + (f" {state}" if state else "")])


def _plain(process: str) -> logging.Formatter:
    return logging.Formatter(f"%(asctime)s {process} %(levelname)s %(message)s", "%H:%M:%S")

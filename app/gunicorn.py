"""The server of the web process: gunicorn with threads, started from our settings."""

from __future__ import annotations

import os
import re
import signal
import threading
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app.metrics.process import begin
from app.ports import spool
from app.settings import Settings
from app.web import THREADS, create_app

_ACCESS = "%(m)s %(U)s %(s)s %(M)sms"
"""Method, path, status, time. No query string and no address: both may hold a number."""

_WORD_IN_PATH = re.compile(r"(/sms/aggregator/[^/]+/[^/]+)/.+")
"""A webhook whose last part is the word that we share with the provider."""


def serve(settings: Settings) -> None:
    """Serve until stopped. Ends the process, as gunicorn does. Raises SpoolError."""
    spool(settings)  # now: a worker that cannot start would be started again and again
    _Server(settings).run()


def _ended(_arbiter: object) -> None:
    """All requests are answered: to be told again to stop changes nothing, also while Python itself is ending."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _leave(_arbiter: object, worker: Any) -> None:
    """Its requests are answered and its connections closed: end now. Python would first free all places and words, one
    by one, which takes seconds on a machine that is busy, and gunicorn kills who takes six.
    """
    if not worker.alive and worker.booted:
        os._exit(0)


class QuietLogger(Logger):
    """gunicorn's messages through our own handler, in our own form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What a line may hold; of a path that ends with a secret all but that."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return found | {"U": _WORD_IN_PATH.sub(r"\1/...", found["U"] or "")}


class _Server(BaseApplication):
    """A demo, which shows its passwords, is for this machine alone.

    `load` runs in each worker after the fork, so that no two share a connection."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"{'127.0.0.1' if self.settings.demo else ''}:{self.settings.port}",
            "workers": self.settings.web_workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 6,
            "keepalive": 5,
            "limit_request_line": 8190,  # the most there is: an SMS of ten parts with accents is 6 KB in Kannel's query
            "accesslog": "-",
            "access_log_format": _ACCESS,
            "logger_class": QuietLogger,
            "proc_name": "khaibao web",
            "worker_exit": _leave,
            "on_exit": _ended,
            "control_socket_disable": True,  # one more way in, which nobody here uses
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        begin(self.settings.var_dir)
        app = create_app(self.settings)
        ingress = app.extensions["khaibao"].ingress
        threading.Thread(target=ingress.watch, args=[threading.Event()], name="spool", daemon=True).start()
        return app

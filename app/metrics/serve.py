"""/metrics of a machine on which no web process runs: with METRICS_PORT its worker or clock tells what was counted.

Whichever process of the machine has the port tells for all of them; when it ends, another takes over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from app.metrics import allowed, local
from app.settings import Settings

_AGAIN: Final = 5.0  # seconds until the port is tried for again

Start = Callable[..., Any]


def start(settings: Settings) -> None:
    """Serve, in a thread that ends with the process; nothing without METRICS_PORT."""
    if settings.metrics_port:
        threading.Thread(target=_serve, args=(settings,), daemon=True, name="metrics").start()


def _serve(settings: Settings) -> None:
    """With a token for all the world, without one for this machine alone."""
    application = _guarded(settings)
    address = "0.0.0.0" if settings.metrics_token else "127.0.0.1"  # noqa: S104 - the token guards it
    while True:
        with (
            suppress(OSError),
            make_server(address, settings.metrics_port, application, ThreadingWSGIServer, _Quiet) as server,
        ):
            server.serve_forever()
        threading.Event().wait(_AGAIN)


def _guarded(settings: Settings) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    tell = make_wsgi_app(local(settings))

    def application(environ: dict[str, Any], begin: Start) -> Iterable[bytes]:
        if not allowed(settings, environ.get("HTTP_AUTHORIZATION", ""), environ.get("REMOTE_ADDR", "")):
            begin("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"not for you\n"]
        told: Iterable[bytes] = tell(environ, begin)
        return told

    return application


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds; a reader that says nothing holds no thread for ever

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a look every few seconds is no news."""

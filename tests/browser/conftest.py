"""A whole demo on loopback and a real Chromium in front of it. Without Chromium these tests are skipped.

The browser lives for one module: Playwright keeps an event loop running in its thread, and no other test could
start one meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app import clock, demo, wiring
from app.migrate import migrate
from app.settings import Settings
from app.web import create_app
from app.worker import work
from bot.web.config import WebConfig
from core.pipeline.services import Services

expect.set_options(timeout=20_000)  # a whole program and a browser, beside other tests on two cores

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Site:
    """A running demo: web and worker. `services` are the pipeline's, for looking and for writing beside the browser."""

    url: str
    settings: Settings
    services: Services

    def tick(self) -> None:
        """What the clock process would do now: reminders, closing, alerts."""
        clock.run_due(self.services)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield started
        started.close()


@pytest.fixture
def site(engine: Engine, settings: Settings) -> Iterator[Site]:
    """The demo with its made-up people, before anybody wrote in the browser."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        loopback = (ip_network("127.0.0.0/8"),)  # where the made-up unit's system is
        channels = (*settings.channels, WebConfig())
        settings = replace(settings, port=free.getsockname()[1], forward_networks=loopback, channels=channels)
    migrate(engine, settings)
    demo.fill(engine, settings)
    with _web(settings, engine), _worker(settings, engine):
        yield Site(f"http://127.0.0.1:{settings.port}", settings, wiring.services(settings, engine))


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained of. A test that provokes a complaint takes it out."""
    return []


@pytest.fixture
def page(browser: Browser, site: Site, faults: list[str]) -> Iterator[Page]:
    """One browser of its own, a desktop's size. Any error in its console fails the test."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, locale="vi-VN")
    context.set_default_timeout(15_000)
    opened = context.new_page()

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            faults.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


@contextmanager
def _web(settings: Settings, engine: Engine) -> Iterator[None]:
    app, stop = create_app(settings, engine), threading.Event()
    server = make_server("127.0.0.1", settings.port, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    watching = threading.Thread(target=app.extensions["khaibao"].ingress.watch, args=[stop])
    serving.start()
    watching.start()
    try:
        yield
    finally:
        server.shutdown()
        stop.set()
        serving.join()
        watching.join()
        server.server_close()


@contextmanager
def _worker(settings: Settings, engine: Engine) -> Iterator[None]:
    """The worker on a loop of its own, which must begin and end in its own thread."""
    told: Future[Callable[[], object]] = Future()

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        told.set_result(lambda: loop.call_soon_threadsafe(stop.set))
        await work(settings, engine, stop)

    working = threading.Thread(target=lambda: asyncio.run(serve()))
    working.start()
    stop = told.result(10)
    try:
        yield
    finally:
        stop()
        working.join()

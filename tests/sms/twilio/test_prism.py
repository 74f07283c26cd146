"""Our requests, judged by Twilio's own description of its interface: Prism answers only what fits it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from core.messaging.channel import OutboundMessage, Refused, SendError, Sent, Status
from core.messaging.ports import Level, Tools
from core.secrets import Vault
from sms.twilio.check import check
from sms.twilio.config import TwilioConfig
from sms.twilio.send import TwilioSender

SPEC = os.environ.get("TWILIO_OPENAPI", "")
ACCOUNT, TOKEN = "AC" + "0" * 32, "a made-up token"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPEC, reason="TWILIO_OPENAPI names no twilio_api_v2010.json: it is not ours to keep here"),
]


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    """Its address. It ends with the module, by its own process group."""
    command = shutil.which("prism")
    assert command, "prism is missing: npm install -g @stoplight/prism-cli@5.14.2"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [command, "mock", "-h", "127.0.0.1", "-p", str(port), SPEC], stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def config(prism: str) -> TwilioConfig:
    return TwilioConfig(ACCOUNT, TOKEN, "+84900000099", api_url=prism, public_url="https://khaibao.example")


def message(to: str = "+84900000001") -> OutboundMessage:
    words, late = "Bác có sốt không? 1 Có 2 Không", datetime.now(UTC) + timedelta(days=1)
    return OutboundMessage(uuid4(), "twilio", to, words, expires_at=late)


def send(settings: TwilioConfig, wanted: OutboundMessage) -> Sent | SendError:
    async def scene() -> Sent | SendError:
        sender = TwilioSender(settings)
        try:
            return await sender.send(wanted)
        except SendError as error:
            return error
        finally:
            await sender.close()

    return asyncio.run(scene())


def test_a_message_fits(prism: str) -> None:
    sent = send(config(prism), message())
    assert isinstance(sent, Sent)
    assert (sent.status, (sent.provider_id or "")[:2]) == (Status.SENT, "SM")


def test_a_message_by_a_messaging_service_fits(prism: str) -> None:
    service = replace(config(prism), messaging_service_sid="MG" + "0" * 32)
    assert isinstance(send(service, message()), Sent)


def test_prism_does_refuse_what_does_not_fit(prism: str) -> None:
    error = send(replace(config(prism), messaging_service_sid="MG1"), message())
    assert isinstance(error, Refused)
    assert error.code == "422"


def test_the_look_up_fits(prism: str) -> None:
    async def scene() -> None:
        sender = TwilioSender(config(prism))
        assert list(await sender.find(message(), datetime.now(UTC))) == []
        await sender.close()

    asyncio.run(scene())


def test_the_check_of_an_account_and_a_number_fits(prism: str) -> None:
    """The description's own example of a number carries no SMS; that this was read is what counts."""
    vault = Vault((Fernet.generate_key().decode(),))
    tools = Tools(create_engine("postgresql+psycopg://"), vault, partial(datetime.now, UTC))
    account, sender, webhook = asyncio.run(check(config(prism), tools))
    assert (account.level, webhook.level) == (Level.GOOD, Level.GOOD)
    assert (sender.level, "carries no SMS" in sender.text) == (Level.BAD, True)


def _wait_for(port: int, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "prism does not start"
        time.sleep(0.2)

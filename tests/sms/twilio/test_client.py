from __future__ import annotations

import asyncio

import pytest

from sms.twilio.client import TwilioHttp

REAL, OTHER = "https://api.twilio.com", "http://127.0.0.1:4010"


@pytest.mark.parametrize(
    ("base", "asked", "goes"),
    [
        (
            REAL,
            "https://api.twilio.com/2010-04-01/x.json?To=%2B84",
            "https://api.twilio.com/2010-04-01/x.json?To=%2B84",
        ),
        (REAL, "https://messaging.twilio.com/v1/Services/MG1", "https://messaging.twilio.com/v1/Services/MG1"),
        (OTHER, "https://api.twilio.com/2010-04-01/x.json?To=%2B84", f"{OTHER}/2010-04-01/x.json?To=%2B84"),
        (OTHER, "https://messaging.twilio.com/v1/Services/MG1", f"{OTHER}/v1/Services/MG1"),
    ],
)
def test_another_server_stands_for_all_of_twilios_hosts(base: str, asked: str, goes: str) -> None:
    async def scene() -> str:
        http = TwilioHttp(base, 1.0)
        try:
            return http.directed(asked)
        finally:
            await http.close()

    assert asyncio.run(scene()) == goes

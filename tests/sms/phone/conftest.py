from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.sms.phone.desk import Desk


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """No phone was used yet."""
    return Desk(engine)


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """The browser of somebody who tries the demo."""
    return desk.client()

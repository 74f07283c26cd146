from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select

from core.database.shared import channel_tokens
from core.messaging import tokens as module
from core.messaging.channel import OutcomeUnknown, TryLater
from core.messaging.tokens import AHEAD, ExchangeRefused, Pair, Tokens
from core.secrets import Vault
from tests.core.messaging.exchange import DAY, Provider, broken, current, ends_in, kept, lease_ends, run, tokens


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests in which nothing comes, however long one waits."""
    monkeypatch.setattr(module, "_WAIT", 0.4)


def test_the_first_use_exchanges_the_seed(engine: Engine, provider: Provider) -> None:
    assert run(tokens(engine, provider), current, current) == ["access 1", "access 1"]
    assert (provider.calls, kept(engine)) == (["seed"], "refresh 1")


def test_the_next_process_reads_what_is_there(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert provider.calls == ["seed"]


def test_nothing_is_stored_in_the_open(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    with engine.connect() as connection:
        row = connection.execute(select(channel_tokens)).one()
    assert b"access" not in row.access + row.refresh
    assert "seed" not in row.seeds


def test_it_is_exchanged_ahead_of_its_end_while_the_old_one_goes_on(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, AHEAD - timedelta(minutes=1))
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert run(tokens(engine, provider), current) == ["access 2"]
    assert provider.calls == ["seed", "refresh 1"]


def test_one_that_ended_is_not_given_out(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, -timedelta(seconds=1))
    assert run(tokens(engine, provider), current) == ["access 2"]


def test_one_that_the_provider_refused_is_replaced(engine: Engine, provider: Provider) -> None:
    assert run(tokens(engine, provider), current, lambda t: t.renewed("access 1")) == ["access 1", "access 2"]
    assert run(tokens(engine, provider), lambda t: t.renewed("access 1")) == ["access 2"]
    assert provider.calls == ["seed", "refresh 1"]


def test_the_new_refresh_token_is_kept_before_the_access_token_is_used(engine: Engine, provider: Provider) -> None:
    def use(made: Tokens) -> Awaitable[str]:
        async def then() -> str:
            await made.current()
            return kept(engine)

        return then()

    assert run(tokens(engine, provider), use) == ["refresh 1"]


def test_a_seed_that_was_used_is_ignored(engine: Engine, provider: Provider) -> None:
    """Also where another machine still has it in its settings."""
    run(tokens(engine, provider), current)
    provider.refresh = "second seed"
    run(tokens(engine, provider, "second seed"), current)
    assert run(tokens(engine, provider, "seed"), current) == ["access 2"]
    assert run(tokens(engine, provider, "second seed"), current) == ["access 2"]
    assert provider.calls == ["seed", "second seed"]


@pytest.mark.usefixtures("impatient")
def test_a_provider_that_is_away_is_asked_once_a_lease(engine: Engine, provider: Provider) -> None:
    provider.answers = [TryLater("503")]
    with pytest.raises(TryLater):
        run(tokens(engine, provider), current, current)
    with pytest.raises(TryLater):
        run(tokens(engine, provider), current)
    assert (provider.calls, broken(engine)) == (["seed"], "")
    lease_ends(engine)
    assert run(tokens(engine, provider), current) == ["access 2"]


@pytest.mark.parametrize("fault", [TryLater("-32"), OutcomeUnknown("ReadTimeout"), ValueError("ours")])
def test_a_failure_ahead_of_time_stops_nothing(engine: Engine, provider: Provider, fault: Exception) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, timedelta(hours=1))
    provider.answers = [fault]
    assert run(tokens(engine, provider), current, current) == ["access 1", "access 1"]
    assert (len(provider.calls), broken(engine)) == (2, "")


def test_a_refusal_ahead_of_time_is_told_while_the_old_token_goes_on(
    engine: Engine, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, timedelta(hours=1))
    provider.answers = [ExchangeRefused("-14002")]
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert (len(provider.calls), broken(engine)) == (2, "-14002")
    assert caplog.text.count("authorise us anew") == 1
    with pytest.raises(TryLater, match="token -14002"):
        run(tokens(engine, provider), lambda t: t.renewed("access 1"))


def test_another_data_key_pauses_until_it_is_back(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    with pytest.raises(TryLater, match="sealed"):
        run(tokens(engine, provider, vault=Vault([Fernet.generate_key().decode()])), current)
    assert run(tokens(engine, provider), current) == ["access 1"]


def test_no_token_is_logged_or_shown(engine: Engine, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    run(tokens(engine, provider), current)
    provider.answers = [ExchangeRefused("-1")]
    with pytest.raises(TryLater) as error:
        run(tokens(engine, provider), lambda t: t.renewed("access 1"))
    told = caplog.text + repr(error.value) + repr(Pair("access 1", "refresh 1", DAY))
    assert not [secret for secret in ("access 1", "refresh 1", "'seed'") if secret in told]

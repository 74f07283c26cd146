from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.processes import Cluster, cluster


@pytest.fixture(scope="session")
def template() -> Iterator[Cluster]:
    """A migrated PostgreSQL, which every test copies and starts."""
    with cluster() as made:
        yield made

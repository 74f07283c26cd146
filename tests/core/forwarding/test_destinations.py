"""Which endpoints a unit's records go to."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.forwarding.destinations import DestinationError, check_url, for_unit
from core.places.tree import subtree

PARENTS = {"BYT": None, "CDC15": "BYT", "TTYT1": "CDC15", "TYT1": "TTYT1", "TYT2": "CDC15", "CDC10": "BYT"}
STATION, CENTRE, FEED, COPY = (UUID(int=n) for n in range(1, 5))
OWN = {"TYT1": (STATION,), "CDC15": (CENTRE, COPY), "BYT": (FEED,)}


@pytest.mark.parametrize(
    ("unit", "reached"),
    [
        ("TYT1", (STATION, CENTRE, COPY, FEED)),
        ("TYT2", (CENTRE, COPY, FEED)),
        ("CDC10", (FEED,)),
        ("BYT", (FEED,)),
        ("UNKNOWN", ()),
    ],
)
def test_a_record_goes_to_its_unit_and_every_unit_above(unit: str, reached: tuple[UUID, ...]) -> None:
    assert for_unit(unit, PARENTS, OWN) == reached


def test_a_ring_in_the_tree_ends() -> None:
    assert for_unit("A", {"A": "B", "B": "A"}, {"A": (STATION,), "B": (CENTRE,)}) == (STATION, CENTRE)


def test_a_subtree_is_the_unit_and_all_below() -> None:
    assert subtree("CDC15", PARENTS) == ("CDC15", "TTYT1", "TYT1", "TYT2")
    assert subtree("TYT2", PARENTS) == ("TYT2",)


@pytest.mark.parametrize("url", ["https://clinic.example/in", "http://10.0.0.5:8080/in"])
def test_an_endpoint_is_a_web_address(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "clinic.example",
        "ftp://clinic.example/",
        "file:///etc/passwd",
        "https://",
        "https://me:secret@clinic.example/",
        "https://clinic.example:0/",
        "https://clinic.example:99999/",
        "https://clinic.example/#part",
        "https://[::1/",
    ],
)
def test_anything_else_is_no_endpoint(url: str) -> None:
    with pytest.raises(DestinationError):
        check_url(url)

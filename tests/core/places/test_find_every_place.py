"""Every commune of today and of before, however it is written: none is lost, none is guessed."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from core.places.admin import Commune, FormerCommune, Places, load
from core.places.find import MAX_CHOICES, Found, Result, Several, Unknown, find
from core.places.names import fold, joined_key, spaced_key


def accepts(result: Result, commune: Commune) -> bool:
    """Found, or among what it may be."""
    if isinstance(result, Several):
        return commune in result.communes
    return result == Found(commune)


def test_every_commune_is_understood_by_its_full_name(places: Places) -> None:
    for commune in places.communes:
        for typed in (commune.display, fold(commune.display), commune.display.upper()):
            assert accepts(find(typed, places), commune), typed


def test_every_full_name_that_was_never_another_place_is_found(places: Places) -> None:
    formerly = _formerly(places)
    alone = [each for each in places.communes if formerly[each.province.code, joined_key(each.name)] == {each}]
    assert len(alone) > 2900
    asked = [commune.display for commune in alone if find(commune.display, places) != Found(commune)]
    # Quảng Ninh was also a district of Quảng Bình, with a xã Hải Ninh.
    assert asked == ["xã Hải Ninh, Quảng Ninh"]


def _formerly(places: Places) -> dict[tuple[str, str], set[Commune]]:
    """Communes that a name in a province has meant, by province code and joined name."""
    meant: dict[tuple[str, str], set[Commune]] = defaultdict(set)
    for commune in places.communes:
        meant[commune.province.code, joined_key(commune.name)].add(commune)
    for old in places.former_communes:
        meant[old.district.province.province.code, joined_key(old.name)].update(old.communes)
    return meant


def test_a_name_of_several_communes_is_never_found_without_accents(places: Places) -> None:
    """Whether they are in one province or in many, whether the name is of today or former."""
    for (province, key), communes in _formerly(places).items():
        if len(communes) > 1 and not key.isdigit():
            result = find(key, places, province)
            assert not isinstance(result, Found), key


def test_a_name_repeated_over_provinces_is_never_found_alone(places: Places) -> None:
    provinces: dict[str, set[str]] = defaultdict(set)
    for commune in places.communes:
        provinces[spaced_key(commune.name)].add(commune.province.code)
    repeated = [name for name, codes in provinces.items() if len(codes) > 1]
    assert len(repeated) > 350
    for name in repeated:
        for near in (None, *provinces[name]):
            assert not isinstance(find(name, places, near), Found), name


def test_every_split_commune_is_asked(places: Places) -> None:
    split = [old for old in places.former_communes if len(old.communes) > 1]
    assert len(split) > 400
    for old in split:
        result = find(_address(old), places)
        assert isinstance(result, Several), _address(old)
        assert all(accepts(result, commune) for commune in old.communes)


def test_former_addresses_lead_to_where_they_are_now(places: Places) -> None:
    for old in random.Random(25).sample(places.former_communes, 1500):
        for typed in (_address(old), fold(_address(old))):
            result = find(typed, places)
            assert all(accepts(result, commune) for commune in old.communes), typed


def _address(old: FormerCommune) -> str:
    district, province = old.district, old.district.province
    return f"{old.type} {old.name}, {district.type} {district.name}, {province.type} {province.name}"


@settings(max_examples=300, deadline=None)
@given(
    position=st.integers(0, 3320),
    joined=st.booleans(),
    accents=st.booleans(),
    province=st.sampled_from([", {}", " {}", " - {}", ", tinh {}", ""]),
    shout=st.booleans(),
)
def test_a_commune_is_never_lost_however_it_is_written(
    position: int, joined: bool, accents: bool, province: str, shout: bool
) -> None:
    commune = load().communes[position]
    name = commune.name.replace(" ", "") if joined else commune.name
    typed = f"{commune.type} {name}{province.format(commune.province.name)}"
    typed = typed if accents else fold(typed)
    assert accepts(find(typed.upper() if shout else typed, load(), commune.province.code), commune)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from([None, "15", "79", "no such code"]))
def test_any_text_gets_an_answer(typed: str, near: str | None) -> None:
    result = find(typed, load(), near)
    if isinstance(result, Several):
        assert result.communes
        assert len(set(result.communes)) == len(result.communes)
    if isinstance(result, Unknown):
        assert len(result.near_misses) <= MAX_CHOICES

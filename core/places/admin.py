"""The administrative units of Vietnam since 1 July 2025, and what they were before.

Source of the facts: data/README.md. A code means something only together with `Places.version`: 15 was
Yên Bái and is Lào Cai now.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = files(__package__) / "data"


@dataclass(frozen=True, slots=True)
class Province:
    """`type` is "tỉnh" or "thành phố"."""

    code: str
    name: str
    type: str

    @property
    def full_name(self) -> str:
        """As in "tỉnh Lào Cai"."""
        return f"{self.type} {self.name}"


@dataclass(frozen=True, slots=True)
class Commune:
    """`type` is "xã", "phường" or "đặc khu"; `code` has five digits."""

    code: str
    name: str
    type: str
    province: Province

    @property
    def full_name(self) -> str:
        """As in "xã Bát Xát"."""
        return f"{self.type} {self.name}"

    @property
    def display(self) -> str:
        """As shown to people: "xã Bát Xát, Lào Cai"."""
        return f"{self.full_name}, {self.province.name}"


@dataclass(frozen=True, slots=True)
class FormerProvince:
    """A province of before 1 July 2025; `province` is where it is now."""

    code: str
    name: str
    type: str
    province: Province


@dataclass(frozen=True, slots=True)
class FormerDistrict:
    """`type` is "huyện", "quận", "thị xã" or "thành phố". There is no such level any more."""

    code: str
    name: str
    type: str
    province: FormerProvince


@dataclass(frozen=True, slots=True)
class OlderDistrict:
    """A district that was gone before July 2025, and that people still name; `district` took it in after `until`."""

    name: str
    type: str
    district: FormerDistrict
    until: date
    document: str


@dataclass(frozen=True, slots=True)
class FormerCommune:
    """One name of a former commune; `communes` are those its land is in now, more than one when split."""

    code: str
    name: str
    type: str
    district: FormerDistrict
    communes: tuple[Commune, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """All units, sorted by code. Compared and hashed by identity, so that indexes can be kept beside it."""

    version: str
    valid_from: date
    provinces: tuple[Province, ...]
    communes: tuple[Commune, ...]
    former_provinces: tuple[FormerProvince, ...]
    former_districts: tuple[FormerDistrict, ...]
    older_districts: tuple[OlderDistrict, ...]
    former_communes: tuple[FormerCommune, ...]
    aliases: tuple[tuple[str, Province], ...]
    _provinces: Mapping[str, Province]
    _communes: Mapping[str, Commune]
    _displays: Mapping[str, Commune]

    def province(self, code: str) -> Province:
        """Raises KeyError when there is no such province."""
        return self._provinces[code]

    def commune(self, code: str) -> Commune:
        """Raises KeyError when there is no such commune."""
        return self._communes[code]

    def by_display(self, display: str) -> Commune | None:
        """Exactly as shown ("xã Bát Xát, Lào Cai"); what people type is for `find`."""
        return self._displays.get(display)


@lru_cache(maxsize=1)
def load() -> Places:
    """The units that ship with the program. Reads 450 kB once per process."""
    about = tomllib.loads((DATA / "version.toml").read_text(encoding="utf-8"))
    provinces = {row[0]: Province(*row) for row in _rows("provinces.tsv")}
    communes = {
        code: Commune(code, name, kind, provinces[province]) for code, name, kind, province in _rows("communes.tsv")
    }
    former = _former_provinces(provinces)
    districts = _former_districts(former)
    return Places(
        version=about["version"],
        valid_from=about["valid_from"],
        provinces=tuple(provinces.values()),
        communes=tuple(communes.values()),
        former_provinces=tuple(former.values()),
        former_districts=tuple(districts.values()),
        older_districts=tuple(_older_districts(districts)),
        former_communes=tuple(_former_communes(districts, communes)),
        aliases=tuple((name, provinces[code]) for name, code in _rows("aliases.tsv")),
        _provinces=MappingProxyType(provinces),
        _communes=MappingProxyType(communes),
        _displays=MappingProxyType({commune.display: commune for commune in communes.values()}),
    )


def _former_provinces(provinces: dict[str, Province]) -> dict[str, FormerProvince]:
    return {
        code: FormerProvince(code, name, kind, provinces[new])
        for code, name, kind, new in _rows("former_provinces.tsv")
    }


def _former_districts(provinces: dict[str, FormerProvince]) -> dict[str, FormerDistrict]:
    return {
        code: FormerDistrict(code, name, kind, provinces[province])
        for code, name, kind, province in _rows("former_districts.tsv")
    }


def _older_districts(districts: dict[str, FormerDistrict]) -> Iterator[OlderDistrict]:
    for name, kind, district, until, document in _rows("older_districts.tsv"):
        yield OlderDistrict(name, kind, districts[district], date.fromisoformat(until), document)


def _former_communes(districts: dict[str, FormerDistrict], communes: dict[str, Commune]) -> Iterator[FormerCommune]:
    for code, name, kind, district, new in _rows("former_communes.tsv"):
        successors = tuple(communes[each] for each in new.split(","))
        yield FormerCommune(code, name, kind, districts[district], successors)


def _rows(file: str) -> Iterator[list[str]]:
    lines = (DATA / file).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines[1:])

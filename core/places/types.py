"""The words for a kind of unit that stand before a name, or behind it in English: "xa", "p.", "ward", "city". Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.places.index import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

XA, PHUONG, THI_TRAN, DAC_KHU = "xã", "phường", "thị trấn", "đặc khu"
HUYEN, QUAN, THI_XA, THANH_PHO, TINH = "huyện", "quận", "thị xã", "thành phố", "tỉnh"
# English words that stand for several of the above, and so for none of them.
TOWN, DISTRICT = "town", "district"

PREFIXES: dict[tuple[str, ...], str] = {
    ("xa",): XA,
    ("x",): XA,
    ("commune",): XA,
    ("commune", "of"): XA,
    ("phuong",): PHUONG,
    ("phuog",): PHUONG,
    ("p",): PHUONG,
    ("ph",): PHUONG,
    ("f",): PHUONG,
    ("ward",): PHUONG,
    ("ward", "of"): PHUONG,
    ("thi", "tran"): THI_TRAN,
    ("tt",): THI_TRAN,
    ("dac", "khu"): DAC_KHU,
    ("dk",): DAC_KHU,
    ("dao",): DAC_KHU,
    ("huyen",): HUYEN,
    ("h",): HUYEN,
    ("quan",): QUAN,
    ("q",): QUAN,
    ("district",): DISTRICT,
    ("district", "of"): DISTRICT,
    ("town",): TOWN,
    ("town", "of"): TOWN,
    ("thi", "xa"): THI_XA,
    ("tx",): THI_XA,
    ("thanh", "pho"): THANH_PHO,
    ("tp",): THANH_PHO,
    ("t", "p"): THANH_PHO,
    ("city", "of"): THANH_PHO,
    ("tinh",): TINH,
    ("t",): TINH,
    ("province", "of"): TINH,
}
SUFFIXES: dict[tuple[str, ...], str] = {
    ("commune",): XA,
    ("village",): XA,
    ("ward",): PHUONG,
    ("special", "zone"): DAC_KHU,
    ("island",): DAC_KHU,
    ("town",): TOWN,
    ("township",): TOWN,
    ("district",): DISTRICT,
    ("city",): THANH_PHO,
    ("province",): TINH,
}
LEVELS: dict[str, frozenset[Level]] = {
    **dict.fromkeys((XA, PHUONG, THI_TRAN, DAC_KHU), frozenset({Level.COMMUNE})),
    **dict.fromkeys((HUYEN, QUAN, THI_XA, DISTRICT), frozenset({Level.DISTRICT})),
    TOWN: frozenset({Level.COMMUNE, Level.DISTRICT}),
    THANH_PHO: frozenset({Level.DISTRICT, Level.PROVINCE}),
    TINH: frozenset({Level.PROVINCE}),
}


def without_type(folded: Sequence[str]) -> str:
    """The joined name, without "xa", "thanh pho", "ward" ... around it."""
    return "".join(folded[name_in(folded)])


def name_in(folded: Sequence[str]) -> slice:
    """Which of the words are the name."""
    for length in (2, 1):
        if len(folded) > length and tuple(folded[:length]) in PREFIXES:
            return slice(length, None)
        if len(folded) > length and tuple(folded[-length:]) in SUFFIXES:
            return slice(0, -length)
    return slice(None)

"""The channel that docs/adding-a-channel.md adds, from the code that stands there."""

from __future__ import annotations

import importlib
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import sms
from app import channels, settings
from app.channels import Plug
from tests.contract import kits
from tests.contract.kit import Kit

GUIDE = Path(__file__).parents[3] / "docs" / "adding-a-channel.md"
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
_FILE = re.compile(r"# ((?:sms|tests)/\S+\.py)\n")


def files() -> dict[str, str]:
    """The files that the guide writes, by their paths."""
    blocks = _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    return {found[1]: block for block in blocks if (found := _FILE.match(block))}


def line() -> str:
    """The line that it adds to the table."""
    blocks: list[str] = _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    return next(block for block in blocks if block.startswith("Plug("))


@contextmanager
def opened() -> Iterator[Kit]:
    """As if its files were among ours; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, _beside_ours(Path(folder)):
        plug: Plug = eval(line(), {"Plug": Plug})
        table = (*channels.CHANNELS, plug)
        with patch.object(channels, "CHANNELS", table), patch.object(settings, "CHANNELS", table):
            kit = importlib.import_module("tests.contract.kits.courier")
            with kit.opened() as ready:
                yield ready


@contextmanager
def _beside_ours(folder: Path) -> Iterator[None]:
    for path, code in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(code, encoding="utf-8")
    ours = ((sms.__path__, folder / "sms"), (kits.__path__, folder / "tests/contract/kits"))
    for packages, more in ours:
        packages.append(str(more))
    try:
        yield
    finally:
        for packages, more in ours:
            packages.remove(str(more))
        for name in [name for name in sys.modules if "courier" in name]:
            del sys.modules[name]

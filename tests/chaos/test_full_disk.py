"""The database is away and the disk is full: only then is a message refused, and none that was acknowledged is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.processes import Cluster
from tests.chaos.weather import Scene, finish, scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SIZE, LEFT = "4m", 64 * 1024  # of the disk, and what is left of it: bytes


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of its own, and a tiny one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_only_then_is_anything_refused(template: Cluster, disk: Path) -> None:
    with scene(template, 8, people=4, VAR_DIR=str(disk)) as made:
        with made.load.blowing():
            made.running.live_for(1)
            made.running.stop("postgres")
            made.running.until(lambda: len(made.running.spooled()) > 3, 20, "a message in the spool")
            assert made.running.status() == 200

            _fill(disk / "others")
            made.running.until(lambda: made.load.refusals.get(503, 0) > 8, 40, "a refusal")
            assert made.running.status() == 503
            kept = _acknowledged(made)
            made.running.live_for(2)
            assert _acknowledged(made) == kept

            (disk / "others").unlink()
            made.running.until(lambda: _acknowledged(made) > kept, 20, "an acknowledgement")
            made.running.start("postgres")
            finish(made)
        report = made.judged()
    assert report.passed, f"\n{report}"
    assert set(made.load.refusals) == {503}, made.load.refusals
    assert all(process.starts == 1 for name, process in made.running.processes.items() if name in ("web", "clock"))


def _acknowledged(made: Scene) -> int:
    return len(made.load.acknowledged())


def _fill(file: Path) -> None:
    """Somebody else's data, up to the last bytes of the disk."""
    with file.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            out.truncate(max(0, out.tell() - LEFT))

"""`khaibao play`: scenarios through the whole pipeline, in a database that is made for them and thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from app.channels import CHANNELS
from app.play import Difference, Player
from app.play_tally import Tally
from app.play_world import World, temporary_world
from app.play_write import Writer
from app.scenario import BadScenario, Scenario, load

_NAMES = [plug.profile.name for plug in CHANNELS]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", default="phone", type=click.Choice(_NAMES), help="The channel to play on.")
@click.option("--write", is_flag=True, help="Write what was said into the files instead of comparing it.")
def play(files: Sequence[Path], channel: str, write: bool) -> None:
    """Play each FILE.chat through the whole pipeline and say where it first differs."""
    scenarios = _read(files)
    with temporary_world(channel) as world:
        if write:
            _write(world, scenarios)
        elif not _play(world, scenarios):
            raise SystemExit(1)


def _read(files: Sequence[Path]) -> list[Scenario]:
    """All files, before anything is played."""
    try:
        return [load(path) for path in files]
    except BadScenario as fault:
        raise click.ClickException(str(fault)) from fault


def _play(world: World, scenarios: Sequence[Scenario]) -> bool:
    tally, differs = Tally(), 0
    for scenario in scenarios:
        try:
            Player(world, scenario, tally).play()
        except Difference as difference:
            differs += 1
            click.echo(str(difference))
    for line in tally.lines():
        click.echo(line)
    if differs:
        click.echo(f"{differs} of {len(scenarios)} files differ")
    return not differs


def _write(world: World, scenarios: Sequence[Scenario]) -> None:
    """What else differs (records, alerts, due check-ins) is told: it is not written."""
    for scenario in scenarios:
        writer = Writer(world, scenario)
        text = writer.write()
        for difference in writer.differences:
            click.echo(str(difference))
        if text != "".join(f"{line}\n" for line in scenario.lines):
            scenario.path.write_text(text, encoding="utf-8")
            click.echo(f"{scenario.path}: written")

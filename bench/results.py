"""What a benchmark found: one figure, its mark, and a yardstick of the same run; as a table and as a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

WIDTH = 130
FILE = Path(__file__).with_name("results.json")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `mark` and `yardstick` are in the unit of `value`; `ratio` is value / yardstick."""

    name: str
    value: float
    unit: str
    better: Literal["higher", "lower"]
    mark: float | None = None
    yardstick: float | None = None
    ratio: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the mark is reached; None without one."""
        if self.mark is None:
            return None
        return self.value >= self.mark if self.better == "higher" else self.value <= self.mark


def row(
    name: str,
    value: float,
    unit: str,
    better: Literal["higher", "lower"],
    *,
    mark: float | None = None,
    yardstick: float | None = None,
) -> Result:
    """A Result with its ratio; see there."""
    ratio = round(value / yardstick, 3) if yardstick else None
    return Result(name=name, value=value, unit=unit, better=better, mark=mark, yardstick=yardstick, ratio=ratio)


def table(results: Sequence[Result]) -> Table:
    """For people."""
    drawn = Table(title="Volley on this machine", title_justify="left")
    for heading in ("what", "value", "mark", "", "yardstick", "ratio"):
        drawn.add_column(heading, justify="left" if heading in {"what", ""} else "right")
    for result in results:
        reached = {True: "[green]reached", False: "[yellow]missed", None: ""}[result.reached]
        drawn.add_row(
            result.name,
            f"{figure(result.value)} {result.unit}",
            _sided(result),
            reached,
            figure(result.yardstick),
            "" if result.ratio is None else f"{result.ratio:.2f}",
        )
    return drawn


def show(results: Sequence[Result]) -> None:
    """Print the table, and keep all rows in `results.json`; rows of earlier runs under other names stay."""
    Console(width=max(WIDTH, Console().width)).print(table(results))
    kept = {r.name: r for r in msgspec.json.decode(FILE.read_bytes(), type=list[Result])} if FILE.exists() else {}
    kept |= {result.name: result for result in results}
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(list(kept.values())), indent=2) + b"\n")


def figure(value: float | None) -> str:
    """A number with as many digits as say something."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _sided(result: Result) -> str:
    if result.mark is None:
        return ""
    return f"{'≥' if result.better == 'higher' else '≤'} {figure(result.mark)}"

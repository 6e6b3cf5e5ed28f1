"""What the demo prints: steps, progress, tables. No decisions."""

from collections import Counter
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from volley_tools.demo.evidence import Finding

Json = dict[str, Any]
console = Console(highlight=False)


def step(text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def line(text: str) -> None:
    console.print(f"  {text}")


def progress() -> Progress:
    return Progress(
        TextColumn("  {task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def rejects(job: Json, rows: list[Json]) -> None:
    line(f"{job['added']} added, {job['updated']} updated, [yellow]{job['rejected']} rejected[/yellow]:")
    reasons = Counter((row["field"], row["reason"]) for row in rows)
    for (field, reason), count in reasons.most_common():
        first = next(row["line"] for row in rows if (row["field"], row["reason"]) == (field, reason))
        line(f"  {count:>4} x {field}: {reason} (first in line {first})")


def prepared(campaign: Json) -> None:
    """Moderation and forecast of a processed campaign."""
    moderation = campaign["moderation"]
    line(f"Moderation: [green]{moderation['verdict']}[/green], {len(moderation['findings'])} findings")
    forecast = campaign["forecast"]
    countries = ", ".join(f"{c['country']} {c['cost']}" for c in forecast["countries"])
    counts = campaign["counts"]
    line(f"Audience:   {counts['recipients']} recipients; dropped: {listed(counts['audience_dropped'])}")
    line(f"Forecast:   {forecast['cost']} {forecast['currency']} ({countries})")
    for pool in forecast["pools"]:
        ends = pool["ends_at_message"]
        words = "lasts" if ends is None else f"[yellow]ends at message {ends}[/yellow]"
        line(f"            pool '{pool['name']}' {words} ({pool['remaining']} left)")


def listed(counts: dict[str, int]) -> str:
    """`3 suppressed, 1 invalid`, or `none`."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def figures(campaign: Json, stats: Json) -> None:
    totals = stats["totals"]
    table = Table(title=f"{campaign['name']}: {campaign['status']}", title_justify="left", min_width=60)
    for column in ("", "all", *("ABCDEFGH"[variant["variant"]] for variant in stats["variants"])):
        table.add_column(column, justify="left" if not column else "right")
    columns = [totals, *stats["variants"]]
    table.add_row("recipients", str(campaign["counts"]["recipients"]), *("" for _ in stats["variants"]))
    for name, key in (
        ("sent", "submitted"),
        ("delivered", "delivered"),
        ("not delivered", "undelivered"),
        ("failed", "failed"),
        ("unknown", "unknown"),
        ("suppressed", "suppressed"),
        ("opted out by page", "optouts_page"),
        ("opted out by STOP", "optouts_reply"),
        ("clicks, raw", "clicks_raw"),
        ("clicks, human", "clicks_human"),
        ("people who clicked", "clickers"),
        ("parts", "parts"),
        (f"cost, {totals['currency']}", "cost"),
    ):
        table.add_row(name, *(str(column[key]) for column in columns))
    table.add_row("CTR", *(_percent(column["ctr"]["value"]) for column in [stats, *stats["variants"]]))
    console.print(table)
    line(f"[dim]{stats['ctr']['definition']}[/dim]")
    failures = ", ".join(f"{failure['count']} x {failure['error']}" for failure in stats["failures"])
    line(f"failed by reason: {failures or 'none'}")


def domains(found: list[Json]) -> None:
    table = Table(title="Link domains", title_justify="left", min_width=60)
    for column in ("domain", "used", "limit", "status"):
        table.add_column(column, justify="right" if column in {"used", "limit"} else "left")
    for domain in found:
        table.add_row(domain["host"], str(domain["used"]), str(domain["message_limit"]), domain["status"])
    console.print(table)


def findings(found: list[Finding]) -> None:
    for finding in found:
        mark = "[green]yes[/green]" if finding.holds else "[bold red]NO [/bold red]"
        console.print(f"  {mark}  {finding.claim} [dim]({finding.figures})[/dim]")


def _percent(value: float | str | None) -> str:
    return "-" if value is None else f"{float(value) * 100:.2f} %"

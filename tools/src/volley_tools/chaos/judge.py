"""Holds what Volley says of a seed's campaigns against the provider's ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from volley_contracts import SENDABLE
from volley_tools.chaos.machine import Outage
from volley_tools.demo import evidence, story
from volley_tools.demo.evidence import Finding, Json, Ledger

BINDS_WITHIN = evidence.OPTOUT_BINDS_WITHIN
"""Seconds, with everything up that carries it, from when it was acknowledged to the last message that may leave."""

CARRIERS = {
    "stop": frozenset({"dispatch-svc", "postgres"}),
    "optout": frozenset({"kafka", "campaign-svc", "dispatch-svc", "postgres"}),
    "move": frozenset({"kafka", "campaign-svc", "dispatch-svc", "postgres"}),
}
"""Who carries what binds: a STOP, a press of the button, a move of a campaign."""


def examine_campaign(ledger: Ledger, campaign: Json, stats: Json, sender: Json) -> list[Finding]:
    """What must be true of one campaign that has ended, and alone used its sender, whatever happened meanwhile."""
    totals, counts = stats["totals"], campaign["counts"]
    both = {
        name: (totals[name], counts[name]) for name in ("submitted", "failed", "unknown", "suppressed", "cancelled")
    }
    accepted = len(ledger.of_sender(sender["address"]))
    own = [
        Finding(
            "campaign-svc and stats-svc count alike",
            all(one == other for one, other in both.values()),
            ", ".join(f"{name} {one}/{other}" for name, (one, other) in both.items()),
        ),
        Finding(
            "what was unknown and arrived is known by its receipt",
            totals["submitted"] == accepted,
            f"{totals['submitted']} sent, {accepted} accepted, {totals['unknown']} unknown",
        ),
    ]
    found = [*evidence.examine(ledger, campaign, stats, sender, story.PRICES), *own]
    return [Finding(f"{sender['address']}: {one.claim}", one.holds, one.figures) for one in found]


def examine_optouts(ledger: Ledger, outages: Sequence[Outage]) -> Finding:
    """Nobody is texted after an opt-out, by any sender."""
    since: dict[str, tuple[float, str]] = {}
    for event in ledger.events:
        if event["kind"] in {"optout", "stop"}:
            told = (event["recorded_at"], event["kind"])
            since[event["number"]] = min(told, since.get(event["number"], told))
    carried = {kind: _disturbances(kind, outages) for kind in CARRIERS}
    took = [
        (undisturbed(since[m["to"]][0], m["not_before"], carried[since[m["to"]][1]]), m)
        for m in ledger.messages
        if m["to"] in since and m["not_before"] > since[m["to"]][0]
    ]
    late = [(seconds, message) for seconds, message in took if seconds > BINDS_WITHIN]
    worst = max((seconds for seconds, _ in took), default=0.0)
    return Finding(
        "nobody was texted after an opt-out",
        not late,
        f"{len(since)} opted out, bound after {worst:.2f} s, {len(late)} texted later"
        + "".join(f"; {m['to']} {seconds:.2f} s after {since[m['to']][1]} by {m['from']}" for seconds, m in late[:5]),
    )


def examine_moves(ledger: Ledger, address: str, history: Sequence[Json], outages: Sequence[Outage]) -> Finding:
    """Nothing leaves while a campaign is stopped. What was read once it went on may have left since."""
    carried, times = (
        _disturbances("move", outages),
        [datetime.fromisoformat(move["at"]).timestamp() for move in history],
    )
    arrivals = [(message["not_before"], message["at"]) for message in ledger.of_sender(address)]
    worst, late = 0.0, 0
    for move, begin, end in zip(history, times, [*times[1:], float("inf")], strict=True):
        if move["status_from"] in SENDABLE and move["status_to"] not in SENDABLE:
            took = [undisturbed(begin, earliest, carried) for earliest, at in arrivals if begin < earliest and at < end]
            worst, late = max([worst, *took]), late + sum(seconds > BINDS_WITHIN for seconds in took)
    return Finding(
        f"{address}: nothing left while the campaign was stopped",
        not late,
        f"bound after {worst:.2f} s, {late} messages later",
    )


def undisturbed(begin: float, end: float, disturbances: Iterable[tuple[float, float]]) -> float:
    """Seconds from `begin` to `end` without those of the disturbances, which are in order and do not overlap."""
    return end - begin - sum(max(0.0, min(end, b) - max(begin, a)) for a, b in disturbances)


def _disturbances(kind: str, outages: Sequence[Outage]) -> list[tuple[float, float]]:
    """When one of those was away who carry it: in order, joined where they overlap."""
    joined: list[tuple[float, float]] = []
    for outage in sorted(outages, key=lambda one: one.begin):
        if outage.what not in CARRIERS[kind]:
            continue
        if joined and outage.begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], outage.end)
        else:
            joined.append((outage.begin, outage.end))
    return joined


def examine_domains(ledger: Ledger, domains: Sequence[Json], unknown: int) -> list[Finding]:
    """Within their limits; counted exactly, but for messages that may have arrived and did not."""
    seen = evidence.seen_on(ledger, domains)
    return [
        Finding(
            f"{domain['host']} within its limit, and counted exactly",
            seen[domain["host"]] <= domain["used"] <= min(domain["message_limit"], seen[domain["host"]] + unknown),
            f"{seen[domain['host']]} messages, {domain['used']} counted, limit {domain['message_limit']}",
        )
        for domain in domains
    ]

"""Holds what Volley says of a seed's campaigns against the provider's ledger."""

from collections.abc import Sequence

from volley_tools.chaos.machine import Outage
from volley_tools.demo import evidence, story
from volley_tools.demo.evidence import Finding, Json, Ledger

BINDS_WITHIN = 6.0
"""Seconds from an opt-out to the last message that may leave, with everything up. The promise is one; here a dozen
processes share a machine with others, and only what never binds is to be found.
"""
BUNCHED = 0.02
"""Seconds by which messages may come closer on their way, besides the simulator's own longest pause."""


def examine_campaign(ledger: Ledger, campaign: Json, stats: Json, sender: Json) -> list[Finding]:
    """What must be true of one campaign that has ended, and alone used its sender, whatever happened meanwhile."""
    totals, counts = stats["totals"], campaign["counts"]
    if campaign["status"] == "aborted":  # who was never on the way to a provider is told by campaign-svc alone
        totals["cancelled"] = max(totals["cancelled"], counts["cancelled"])
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
    bunched = ledger.summary["longest_pause"] + BUNCHED
    found = [*evidence.examine(ledger, campaign, stats, sender, story.PRICES, bunched=bunched), *own]
    return [Finding(f"{sender['address']}: {one.claim}", one.holds, one.figures) for one in found]


def examine_optouts(ledger: Ledger, outages: Sequence[Outage]) -> Finding:
    """Nobody is texted after an opt-out, by any sender; while something is away, news of it may take longer."""
    binds: dict[str, float] = {}
    for event in ledger.events:
        if event["kind"] in {"optout", "stop"}:
            since = binding(event["recorded_at"], outages)
            binds[event["number"]] = min(since, binds.get(event["number"], since))
    late = [m for m in ledger.messages if m["at"] > binds.get(m["to"], float("inf"))]
    worst = max((m["at"] - binds[m["to"]] for m in late), default=0.0)
    return Finding(
        "nobody was texted after an opt-out",
        not late,
        f"{len(binds)} opted out, {len(late)} texted later" + (f", by up to {worst:.1f} s" if late else ""),
    )


def binding(at: float, outages: Sequence[Outage]) -> float:
    """When an opt-out at `at` must have come everywhere."""
    binds = at + BINDS_WITHIN
    for outage in sorted(outages, key=lambda one: one.begin):
        if outage.begin <= binds and outage.end > at:
            binds = max(binds, outage.end + BINDS_WITHIN)
    return binds


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

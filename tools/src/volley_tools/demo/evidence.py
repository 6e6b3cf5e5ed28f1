"""Holds what Volley says against what the provider saw: its ledger of messages, and of what the phones did."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
import phonenumbers

Json = dict[str, Any]
OPTOUT_BINDS_WITHIN = 1.0  # seconds from the press or the STOP to the last message that may still be handed over


class Ledger(msgspec.Struct, frozen=True):
    """The provider's side: accepted messages and events as the simulator tells them, and its summary."""

    messages: list[Json]
    events: list[Json]
    summary: Json

    def of_sender(self, address: str) -> list[Json]:
        return [message for message in self.messages if message["from"] == address]

    def numbers_that(self, kind: str, sender: str) -> set[str]:
        """The phones that did `kind` (click, optout, stop, ...) because of a message of the sender."""
        return {event["number"] for event in self.events if (event["kind"], event["sender"]) == (kind, sender)}

    def numbers_that_opted_out(self, sender: str) -> set[str]:
        """The phones that pressed the button or answered STOP because of a message of the sender."""
        return self.numbers_that("optout", sender) | self.numbers_that("stop", sender)


class Finding(msgspec.Struct, frozen=True):
    """One thing that was checked: what should be true, whether it is, and the figures."""

    claim: str
    holds: bool
    figures: str


def examine(ledger: Ledger, campaign: Json, stats: Json, sender: Json, prices: dict[str, str]) -> list[Finding]:
    """What must be true of one finished campaign that alone used its sender."""
    totals = stats["totals"]
    messages = ledger.of_sender(sender["address"])
    counts = Counter(message["to"] for message in messages)
    twice = sum(1 for count in counts.values() if count > 1)
    settled = {k: totals[k] for k in ("submitted", "failed", "unknown", "suppressed", "cancelled")}
    recipients = campaign["counts"]["recipients"]
    pace = ledger.summary["senders"][sender["address"]]
    cost = sum((Decimal(prices[country_of(m["to"])]) * m["parts"] for m in messages), Decimal(0))
    clickers = ledger.numbers_that("click", sender["address"])
    perhaps = clickers | ledger.numbers_that("click_failed", sender["address"])  # a lost answer may have been counted
    optouts = ledger.numbers_that_opted_out(sender["address"])
    perhaps_out = optouts | ledger.numbers_that("optout_failed", sender["address"])
    delivered = sum(1 for message in messages if message["state"] == "delivered")
    return [
        Finding("nobody got a message twice", twice == 0, f"{len(messages)} messages to {len(counts)} numbers"),
        Finding(
            "nobody was lost: every recipient has one outcome",
            sum(settled.values()) == recipients,
            f"{recipients} = " + " + ".join(f"{count} {name}" for name, count in settled.items() if count),
        ),
        Finding(
            "what Volley calls sent is what the SMSC accepted",
            totals["submitted"] <= len(messages) <= totals["submitted"] + totals["unknown"],
            f"{totals['submitted']} sent, {len(messages)} accepted, {totals['unknown']} unknown",
        ),
        Finding(
            "delivered as the receipts say", totals["delivered"] == delivered, f"{totals['delivered']} and {delivered}"
        ),
        Finding(
            "people who clicked, without previews and scanners",
            len(clickers) <= totals["clickers"] <= len(perhaps),
            f"{totals['clickers']} counted, {len(clickers)} phones clicked; {totals['clicks_raw']} requests in all",
        ),
        Finding(
            "opt-outs by page and by STOP, each person once",
            len(optouts) <= totals["optouts_page"] + totals["optouts_reply"] == totals["optouts"] <= len(perhaps_out),
            f"{totals['optouts_page']} by page and {totals['optouts_reply']} by STOP counted; {len(optouts)} phones",
        ),
        Finding(
            "the cost is parts times price, to the last decimal",
            Decimal(totals["cost"]) == cost,
            f"{totals['cost']} {totals['currency']} and {cost}",
        ),
        Finding(
            "never above the sender's rate in any second",
            pace["certain_parts_per_second"] <= sender["parts_per_second"],
            _busiest(pace["certain_parts_per_second"], pace["max_parts_per_second"], sender["parts_per_second"]),
        ),
    ]


def _busiest(certain: int, read: int, rate: int) -> str:
    """On a busy machine the SMSC reads at one moment what came at several."""
    bunched = f"; it read up to {read} at once, being busy" if read > certain else ""
    return f"{certain} parts in the busiest second, of {rate}{bunched}"


def examine_optouts(ledger: Ledger) -> Finding:
    """Nobody is texted later than a moment after they opted out on the page or by STOP, by any sender."""
    since: dict[str, float] = {}
    for event in ledger.events:
        if event["kind"] in {"optout", "stop"}:
            since[event["number"]] = min(event["at"], since.get(event["number"], event["at"]))
    late = [
        message
        for message in ledger.messages
        if message["at"] > since.get(message["to"], float("inf")) + OPTOUT_BINDS_WITHIN
    ]
    return Finding("nobody was texted after an opt-out", not late, f"{len(since)} opted out, {len(late)} texted later")


def examine_domains(ledger: Ledger, domains: list[Json]) -> list[Finding]:
    """Each domain stands in no more messages than its limit, and in as many as Volley counted. Of `domains` only."""
    seen = seen_on(ledger, domains)
    return [
        Finding(
            f"{domain['host']} within its limit, and counted exactly",
            seen[domain["host"]] <= domain["message_limit"] and domain["used"] == seen[domain["host"]],
            f"{seen[domain['host']]} messages, {domain['used']} counted, limit {domain['message_limit']}",
        )
        for domain in domains
    ]


def seen_on(ledger: Ledger, domains: Sequence[Json]) -> Counter[str]:
    """In how many accepted messages each domain stands, by host."""
    seen: Counter[str] = Counter()
    for message in ledger.messages:
        for domain in domains:
            seen[domain["host"]] += f"{domain['host']}/" in message["text"]
    return seen


@cache
def country_of(number: str) -> str:
    """ISO 3166 alpha-2 of an E.164 number."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "?"

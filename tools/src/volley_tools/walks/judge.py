"""Holds what Volley says of a walk's campaigns against the provider's ledger, and against their own histories."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from volley_tools.demo import evidence, story
from volley_tools.demo.api import until
from volley_tools.demo.evidence import Finding, Json, Ledger
from volley_tools.walks import law
from volley_tools.walks.walk import Walk
from volley_tools.walks.walked import Walked

BINDS_WITHIN = 1.0
OUTCOMES = ("submitted", "failed", "unknown", "suppressed", "cancelled")
_MARK = re.compile(r"^c(\d+)r(\d+) ")
_SECONDS = 60.0


async def judge(walk: Walk, ledger: Ledger) -> list[Finding]:
    """Everything that must be true once all campaigns have come to rest."""
    by_campaign: dict[int, list[Json]] = defaultdict(list)
    for message in ledger.messages:
        mark = _MARK.match(message["text"])
        assert mark, message
        by_campaign[int(mark[1])].append({**message, "rev": int(mark[2])})
    found = [_optouts(ledger), _suppressed(walk, ledger)]
    for one in walk.campaigns:
        messages = by_campaign[one.no]
        own = [*_of_ledger(one, messages)]
        if one.deleted_at is None:
            own += [*_of_history(one, messages), *await _of_figures(walk, one, messages)]
        elif messages:
            own.append(await _kept(walk, one, messages))
        found += [Finding(f"campaign {one.no}: {f.claim}", f.holds, f.figures) for f in own]
    domains = await story.settled_domains(walk.api, ledger)
    return [*found, *evidence.examine_domains(ledger, domains), await _alerts(walk)]


def _of_ledger(one: Walked, messages: list[Json]) -> Iterator[Finding]:
    counts = Counter(message["to"] for message in messages)
    twice = [number for number, count in counts.items() if count > 1]
    yield Finding("nobody was sent twice", not twice, f"{len(messages)} messages, twice: {twice}")
    bad = [m for m in messages if one.texts[m["rev"]].mood == "reject"]
    bad += [m for m in messages if one.texts[m["rev"]].mood == "review" and not one.texts[m["rev"]].approved]
    yield Finding("nothing was sent that did not pass", not bad, f"{[(m['at'], m['text']) for m in bad[:3]]}")
    late = [m for m in messages for newer in one.texts[m["rev"] + 1 :] if m["not_before"] > newer.at + BINDS_WITHIN]
    yield Finding("nothing of old texts was sent", not late, f"{[(m['at'], m['text']) for m in late[:3]]}")
    if one.deleted_at is not None:
        after = [m["not_before"] - one.deleted_at for m in messages if m["not_before"] > one.deleted_at + BINDS_WITHIN]
        yield Finding("nothing was sent once it was deleted", not after, f"{after}")
    yield from _of_budgets(one, messages)


def _of_budgets(one: Walked, messages: list[Json]) -> Iterator[Finding]:
    """Exactly, from when it binds: what is spent of more by then is spent."""
    ends = [*(budget.asked for budget in one.budgets[1:]), float("inf")]
    for budget, end in zip(one.budgets, ends, strict=True) if one.budgets else ():
        spent = _cost([message for message in messages if message["at"] < end])
        before = _cost([message for message in messages if message["not_before"] < budget.answered + BINDS_WITHIN])
        kept = budget.amount is None or spent <= max(budget.amount, before)
        yield Finding("the budget was kept", kept, f"{spent} of {budget}, when {before} was spent")


def _of_history(one: Walked, messages: list[Json]) -> Iterator[Finding]:
    wrong = law.broken_history(one.history)
    yield Finding("its history is one that is possible", not wrong, "; ".join(wrong))
    made = [entry["move"] for entry in one.history if entry["actor"] != "system"]
    yield Finding("its history is what was accepted", Counter(made) == Counter(one.done), f"{made} and {one.done}")
    times = [message["not_before"] for message in messages]
    for begin, end, status in _held(one):
        between = [at - begin for at in times if begin + BINDS_WITHIN < at < end]
        yield Finding(f"nothing was sent while it was {status}", not between, f"{between[:5]} s after it was")


def _held(one: Walked) -> Iterator[tuple[float, float, str]]:
    """From when to when nothing might be sent, and why."""
    for index, entry in enumerate(one.history):
        if entry["status_to"] not in law.SENDABLE:
            later = one.history[index + 1 :]
            end = _seconds(later[0]["at"]) if later else float("inf")
            yield one.told[entry["version"]], end, entry["status_to"]


async def _of_figures(walk: Walk, one: Walked, messages: list[Json]) -> list[Finding]:
    view = await walk.api.get(one.path)
    counts, status = view["counts"], view["status"]
    found = [Finding("it says where its history ends", status == one.status, f"{status} and {one.status}")]
    if counts["recipients"] is None:
        return [*found, Finding("a draft has sent nothing", not messages, f"{len(messages)} messages")]
    members = set[str]().union(*(walk.world.members[index] for index in one.include))
    dropped = sum(count for reason, count in counts["audience_dropped"].items() if reason != "duplicate")
    found.append(
        Finding("its audience is whole", counts["recipients"] + dropped == len(members), f"{counts}, {len(members)}")
    )
    if status not in law.ENDED:
        return found

    async def told() -> Json | None:
        totals: Json = (await walk.api.get(f"{one.path}/stats"))["totals"]
        return totals if sum(totals[name] for name in OUTCOMES) == counts["recipients"] else None

    try:
        totals = await until(told, seconds=_SECONDS, what="the figures")
    except TimeoutError:
        totals = (await walk.api.get(f"{one.path}/stats"))["totals"]
    counts = (await walk.api.get(one.path))["counts"]
    both = {name: (counts[name], totals[name]) for name in OUTCOMES}
    cost = _cost(messages)
    costs = Decimal(view["cost"]["amount"]), Decimal(totals["cost"])
    return [
        *found,
        Finding("everybody is accounted for", sum(counts[n] for n in OUTCOMES) == counts["recipients"], f"{counts}"),
        Finding("both services count alike", all(a == b for a, b in both.values()), f"{both}"),
        Finding("sent is what was accepted", counts["submitted"] == len(messages), f"{counts}, {len(messages)}"),
        Finding("nothing is unknown or left", counts["unknown"] == 0, f"{counts}"),
        Finding("a finished one cancelled nobody", status == "aborted" or counts["cancelled"] == 0, f"{counts}"),
        Finding("the cost is parts times price", set(costs) == {cost}, f"{costs} and {cost}"),
    ]


async def _kept(walk: Walk, one: Walked, messages: list[Json]) -> Finding:
    async def told() -> Json | None:
        totals: Json = (await walk.api.get(f"{one.path}/stats"))["totals"]
        return totals if totals["submitted"] >= len(messages) else None

    totals = await until(told, seconds=_SECONDS, what="the figures of a campaign that was deleted")
    same = totals["submitted"] == len(messages) and Decimal(totals["cost"]) == _cost(messages)
    return Finding("what a deleted one sent and cost is kept", same, f"{totals}, {len(messages)}, {_cost(messages)}")


def _cost(messages: list[Json]) -> Decimal:
    prices = story.PRICES
    return sum((Decimal(prices[evidence.country_of(m["to"])]) * m["parts"] for m in messages), Decimal(0))


def _optouts(ledger: Ledger) -> Finding:
    """From when the platform had taken the opt-out: a STOP may be on its way to it for a while."""
    since: dict[str, float] = {}
    for event in ledger.events:
        if event["kind"] in {"optout", "stop"}:
            since[event["number"]] = min(event["recorded_at"], since.get(event["number"], float("inf")))
    after = [message["not_before"] - since[message["to"]] for message in ledger.messages if message["to"] in since]
    late = [seconds for seconds in after if seconds > BINDS_WITHIN]
    return Finding("nobody was sent to after an opt-out", not late, f"{len(since)} opted out, {late} s later")


def _suppressed(walk: Walk, ledger: Ledger) -> Finding:
    late = [m for m in ledger.messages if m["not_before"] > walk.suppressed.get(m["to"], float("inf")) + BINDS_WITHIN]
    return Finding("nobody was sent who was suppressed", not late, f"{[(m['at'], m['to']) for m in late]}")


async def _alerts(walk: Walk) -> Finding:
    """What is open speaks of a campaign that is suspended, and none is any more."""
    open_ = [a async for a in walk.api.pages("/v1/alerts") if a["resolved_at"] is None and not a.get("pool_id")]
    return Finding("no alert is left of campaigns that came to rest", not open_, f"{open_}")


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()

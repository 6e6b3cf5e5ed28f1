"""What an event adds: every message in exactly one count, the cost exact, a revision taking back what it revises."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats_svc.domain import tally
from stats_svc.domain.tally import Counts, Tally
from volley_contracts import (
    Clicks,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    OptedOut,
    Replied,
    SuppressionChanged,
    new_id,
)

AT = datetime(2026, 5, 1, 12, 30, 59, 999999, tzinfo=UTC)
SHORT, OPTOUT = new_id(), new_id()
OUTCOMES = ("submitted", "failed", "unknown", "suppressed", "cancelled")

rows = st.lists(
    st.tuples(
        st.sampled_from(OUTCOMES),
        st.integers(0, 2),
        st.sampled_from(["US", "DE"]),
        st.integers(0, 3),
        st.decimals(0, 1, places=4),
        st.sampled_from([None, "a", "b"]),
    ),
    min_size=1,
    max_size=50,
)


def outcomes(columns: list[tuple[Any, ...]], struct: type[MessageOutcomes] = MessageOutcomes) -> MessageOutcomes:
    kinds, variants, countries, parts, costs, errors = (list(column) for column in zip(*columns, strict=True))
    return struct(
        account_id=new_id(),
        campaign_id=new_id(),
        batch_no=0,
        sender_id=new_id(),
        short_domain_id=SHORT,
        optout_domain_id=OPTOUT,
        currency="EUR",
        seqs=list(range(len(columns))),
        outcomes=kinds,
        variants=variants,
        countries=countries,
        parts=parts,
        costs=costs,
        errors=errors,
        receipts=True,
        at=AT,
    )


def summed(counts: list[Counts], name: str) -> Any:
    return sum(getattr(each, name) for each in counts)


@given(rows)
def test_every_message_counts_once(columns: list[tuple[Any, ...]]) -> None:
    made = tally.of_outcomes(outcomes(columns))
    figures = list(made.figures.values())
    for outcome in OUTCOMES:
        assert summed(figures, outcome) == sum(column[0] == outcome for column in columns)
    assert summed(figures, "parts") == sum(column[3] for column in columns)
    assert summed(figures, "cost") == sum(column[4] for column in columns)
    submitted = summed(figures, "submitted")
    assert summed(figures, "submitted_with_receipts") == submitted
    for name in ("submitted", "failed", "parts"):
        assert summed(list(made.minutes.values()), name) == summed(figures, name)
    assert sum(made.costs.values()) == summed(figures, "cost")
    assert made.errors.total() == summed(figures, "failed")
    names = ("submitted", "submitted_with_receipts", "failed", "parts")
    whole = Counts(**{name: summed(figures, name) for name in names})
    assert made.domains == ({("short", SHORT): whole, ("optout", OPTOUT): whole} if whole != Counts() else {})


@given(rows)
def test_a_revision_takes_its_messages_out_of_unknown(columns: list[tuple[Any, ...]]) -> None:
    figures = list(tally.of_outcomes(outcomes(columns, MessageOutcomesRevised)).figures.values())
    assert sum(summed(figures, outcome) for outcome in OUTCOMES) == 0
    assert summed(figures, "unknown") == sum(column[0] == "unknown" for column in columns) - len(columns)


def test_a_route_without_receipts_is_told_apart() -> None:
    event = outcomes([("submitted", 0, "US", 1, Decimal("0.1"), None)])
    silent = MessageOutcomes(**{name: getattr(event, name) for name in event.__struct_fields__} | {"receipts": False})
    counts = tally.of_outcomes(silent).figures[0, "US", "EUR"]
    assert (counts.submitted, counts.submitted_with_receipts) == (1, 0)


def test_receipts_count_by_status_minute_and_error() -> None:
    event = MessageReceipts(
        account_id=new_id(),
        campaign_id=new_id(),
        seqs=[0, 1, 2, 3],
        variants=[0, 0, 1, 1],
        countries=["US", "US", "DE", "DE"],
        statuses=["delivered", "expired", "rejected", "delivered"],
        errors=[None, None, "spam\0filter", None],
        at=[AT, AT, AT, AT + timedelta(seconds=1)],
        short_domains=[SHORT],
        places=[0, 0, -1, 0],
    )
    made = tally.of_receipts(event)
    assert made.figures[0, "US", ""] == Counts(delivered=1, undelivered=1)
    assert made.figures[1, "DE", ""] == Counts(delivered=1, undelivered=1)
    assert made.errors == {("delivery", "expired"): 1, ("delivery", "spamfilter"): 1}
    assert made.domains == {("short", SHORT): Counts(delivered=2, undelivered=1)}
    older = msgspec.structs.replace(event, short_domains=[], places=[])
    assert tally.of_receipts(older).figures == made.figures
    assert not tally.of_receipts(older).domains
    assert {m.minute: counts for m, counts in made.minutes.items()} == {
        30: Counts(delivered=1, undelivered=2),
        31: Counts(delivered=1),
    }


def test_clicks_of_machines_are_raw_only_and_a_clicker_counts_for_the_variant() -> None:
    domain: UUID = new_id()
    event = Clicks(
        account_id=new_id(),
        campaign_id=new_id(),
        domain_id=domain,
        seqs=[7, 7, 8],
        variants=[1, 1, 0],
        at=[AT, AT, AT],
        reasons=[None, None, "scanner"],
        user_agents=["x", "x", "y"],
        countries=["DE", "DE", "US"],
    )
    made = tally.of_clicks(event, tally.first_clicks(event))
    assert made.figures == {
        (1, "DE", ""): Counts(clicks_raw=2, clicks_human=2, clickers=1),
        (0, "US", ""): Counts(clicks_raw=1),
    }
    assert made.domains["short", domain] == Counts(clicks_raw=3, clicks_human=2, clickers=1)
    assert made.minutes[AT.replace(second=0, microsecond=0)] == Counts(clicks_raw=3, clicks_human=2, clickers=1)


def test_clicks_that_an_older_release_told_count_in_no_country() -> None:
    event = Clicks(
        account_id=new_id(),
        campaign_id=new_id(),
        domain_id=new_id(),
        seqs=[7, 7],
        variants=[1, 1],
        at=[AT, AT - timedelta(minutes=1)],
        reasons=[None, None],
        user_agents=["x", "x"],
    )
    first = tally.first_clicks(event)
    assert first == {7: (AT - timedelta(minutes=1), "")}
    assert tally.of_clicks(event, first).figures == {(1, "", ""): Counts(clicks_raw=2, clicks_human=2, clickers=1)}


@pytest.mark.parametrize(("keyword", "replies"), [(None, 1), ("stop", 0), ("help", 0)])
def test_a_known_word_is_no_reply(keyword: Any, replies: int) -> None:
    event = Replied(
        account_id=new_id(),
        campaign_id=new_id(),
        message_id=new_id(),
        seq=3,
        variant=1,
        country="DE",
        keyword=keyword,
        at=AT,
    )
    made = tally.of_reply(event)
    assert sum(counts.replies for counts in made.figures.values()) == replies
    assert sum(counts.replies for counts in made.minutes.values()) == replies
    assert not keyword or made == Tally()


def test_a_press_counts_for_its_domain_alone() -> None:
    event = OptedOut(account_id=new_id(), campaign_id=new_id(), seq=1, variant=1, domain_id=OPTOUT, at=AT)
    made = tally.of_press(event)
    assert made == Tally(domains={("optout", OPTOUT): Counts(optouts=1)})  # type: ignore[arg-type]


CHANGE = SuppressionChanged(
    account_id=new_id(),
    number="+12025550143",
    suppressed=True,
    reason="optout_page",
    campaign_id=new_id(),
    seq=1,
    variant=1,
    country="DE",
    at=AT,
)


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        ("optout_page", Counts(optouts=1, optouts_page=1)),
        ("stop_keyword", Counts(optouts=1, optouts_reply=1)),
        ("complaint", Counts(optouts=1)),
    ],
)
def test_an_optout_counts_for_its_variant_and_way(reason: Any, counts: Counts) -> None:
    optout = tally.optout_of(msgspec.structs.replace(CHANGE, reason=reason))
    assert optout is not None
    made = tally.of_optout(optout)
    assert made.figures == {(1, "DE", ""): counts}
    assert made.minutes == {AT.replace(second=0, microsecond=0): Counts(optouts=1)}
    assert not made.domains


@pytest.mark.parametrize("missing", [{"suppressed": False}, {"campaign_id": None}, {"seq": None}, {"variant": None}])
def test_a_change_that_is_no_optout_of_a_known_message_is_none(missing: dict[str, Any]) -> None:
    assert tally.optout_of(msgspec.structs.replace(CHANGE, **missing)) is None

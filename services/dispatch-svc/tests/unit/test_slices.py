"""What settling a slice means."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from dispatch_svc.domain.cost import RateCard
from dispatch_svc.domain.rendering import ContentChangedError, Piece, open_piece, render
from dispatch_svc.domain.slices import (
    RETRY_ATTEMPTS,
    RETRY_FOR,
    Fate,
    Return,
    Slice,
    backoff,
    exhausted,
    outcome_events,
    returns,
)
from volley_contracts import Content, LinkedBatch, Links, NamedLink, Recipients, Sender, content_hash, new_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROUTE = new_id()


def batch(
    variants: tuple[str, ...] = ("Hi {{ name | you }}: {{ short_url }}",), hash_: str | None = None
) -> LinkedBatch:
    return LinkedBatch(
        account_id=new_id(),
        campaign_id=new_id(),
        batch_no=3,
        first_seq=100,
        sender=Sender(id=new_id(), address="VOLLEY", kind="alphanumeric", parts_per_second=10),
        content=Content(variants=variants, hash=hash_ or content_hash(variants, None)),
        recipients=Recipients(
            numbers=["+447700900001", "+447700900002", "+12025550103"],
            countries=["GB", "GB", "US"],
            variants=[0, 0, 0],
            fields=("name",),
            values=[("Ann",), ("",), ("Zoë ✓",)],
        ),
        short=Links(domain_id=new_id(), urls=["x.io/1", "x.io/2", "x.io/3"]),
    )


def leased(attempts: int = 0, since: datetime | None = None) -> Slice:
    return Slice(7, UUID(int=1), 100, UUID(int=2), 10, [0, 1, 2], attempts, since, 1)


def test_messages_are_what_was_approved() -> None:
    messages = render(open_piece(batch()), [0, 1, 2])
    assert [message.text for message in messages] == ["Hi Ann: x.io/1", "Hi you: x.io/2", "Hi Zoë ✓: x.io/3"]
    assert [message.data_coding for message in messages] == [0, 0, 8]
    assert [message.seq for message in messages] == [100, 101, 102]
    assert messages[0].parts == [b"Hi Ann: x.io/1"]


def test_the_same_offsets_give_the_same_messages() -> None:
    piece = open_piece(batch())
    assert render(piece, [2]) == render(piece, [0, 1, 2])[2:]
    assert render(piece, [2])[0].ref == f"{piece.campaign_id}:102"


def test_a_changed_text_is_not_sent() -> None:
    with pytest.raises(ContentChangedError):
        render(open_piece(batch(hash_="0" * 64)), [0])


def test_further_links_are_the_recipient_s_own_and_approved_with_the_text() -> None:
    text, links = ("{{ short_url }} {{ short_url.terms }}",), (NamedLink("terms", "https://a.example/"),)
    made = batch(text)
    approved = Content(variants=text, links=links, hash=content_hash(text, None, links=links))
    short = Links(
        domain_id=new_id(), urls=["x.io/1", "x.io/2", "x.io/3"], named={"terms": ["x.io/4", "x.io/5", "x.io/6"]}
    )
    made = msgspec.structs.replace(made, content=approved, short=short)
    assert [message.text for message in render(open_piece(made), [0, 2])] == ["x.io/1 x.io/4", "x.io/3 x.io/6"]
    elsewhere = msgspec.structs.replace(approved, links=(NamedLink("terms", "https://evil.example/"),))
    with pytest.raises(ContentChangedError):
        render(open_piece(msgspec.structs.replace(made, content=elsewhere)), [0])


def test_texts_are_transliterated_where_that_was_approved() -> None:
    made = batch(("Hi {{ name }} – {{ short_url }}",))  # noqa: RUF001 - the dash is the point
    hash_ = content_hash(made.content.variants, None, transliterate=True)
    approved = msgspec.structs.replace(made.content, transliterate=True, hash=hash_)
    message = render(open_piece(msgspec.structs.replace(made, content=approved)), [0])[0]
    assert (message.text, message.data_coding) == ("Hi Ann - x.io/1", 0)
    with pytest.raises(ContentChangedError):  # how they are rendered is part of what was approved
        otherwise = msgspec.structs.replace(approved, transliterate=False)
        render(open_piece(msgspec.structs.replace(made, content=otherwise)), [0])


def test_costs_are_exact() -> None:
    card = RateCard("EUR", {"US": Decimal("0.0079")})
    assert card.cost("US", 3) == Decimal("0.0237")
    assert card.cost("GB", 1) is None


def test_what_never_left_goes_back_unharmed() -> None:
    assert returns([Fate(0, None), Fate(1, "submitted"), Fate(2, None)], leased(4, NOW), NOW) == [
        Return([0, 2], 4, NOW, 0.0)
    ]


def test_not_now_counts_as_an_attempt_and_waits_longer_each_time() -> None:
    refused = Fate(1, None, refused_now=True, wait=3.0)
    assert returns([refused], leased(), NOW) == [Return([1], 1, NOW, 3.0)]
    assert returns([refused], leased(3, NOW - timedelta(hours=1)), NOW) == [
        Return([1], 4, NOW - timedelta(hours=1), 8.0)
    ]
    assert backoff(40, 0) == 300


@pytest.mark.parametrize(("attempts", "since"), [(RETRY_ATTEMPTS - 1, NOW), (1, NOW - RETRY_FOR)])
def test_not_now_is_for_good_after_too_many_attempts_or_too_long(attempts: int, since: datetime) -> None:
    fate = exhausted(Fate(1, None, refused_now=True), leased(attempts, since), NOW)
    assert (fate.outcome, fate.error) == ("failed", "retries_exhausted")
    unharmed = Fate(1, None)
    assert exhausted(unharmed, leased(attempts, since), NOW) is unharmed


def test_outcomes_are_told_by_route_and_only_submitted_ones_cost() -> None:
    piece = Piece(batch(), None)
    fates = [
        Fate(0, "submitted", parts=2, cost=Decimal("0.02"), route_id=ROUTE, receipts=True),
        Fate(1, "unknown", "connection_lost", parts=2, cost=Decimal("0.02"), route_id=ROUTE, receipts=True),
        Fate(2, "suppressed"),
    ]
    events = outcome_events(piece, 9, [*fates, Fate(3, None)], currency="EUR", at=NOW)
    prefix = f"{piece.campaign_id}:100:9"
    assert set(events) == {prefix, f"{prefix}:1"}
    suppressed, handed = events[prefix], events[f"{prefix}:1"]
    assert (suppressed.seqs, suppressed.route_id, suppressed.receipts) == ([102], None, False)
    assert (handed.seqs, handed.outcomes, handed.route_id) == ([100, 101], ["submitted", "unknown"], ROUTE)
    assert (handed.parts, handed.costs) == ([2, 0], [Decimal("0.02"), Decimal(0)])
    assert handed.short_domain_id == piece.batch.short.domain_id if piece.batch.short else False

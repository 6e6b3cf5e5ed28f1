"""From when the validity of a message counts."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from dispatch_svc.domain.rendering import Piece
from volley_contracts import Content, LinkedBatch, Recipients, Sender, Stretch, new_id

PUBLISHED = datetime(2031, 1, 1, 12, tzinfo=UTC)
NOW = PUBLISHED + timedelta(hours=20)
VALIDITY = timedelta(hours=1)


def at(hours: float) -> datetime:
    return PUBLISHED + timedelta(hours=hours)


def piece(*sendable: Stretch, validity_s: int | None = 3600) -> Piece:
    batch = LinkedBatch(
        account_id=new_id(),
        campaign_id=new_id(),
        batch_no=0,
        first_seq=0,
        sender=Sender(id=new_id(), address="Shop", kind="alphanumeric", parts_per_second=1),
        content=Content(variants=("x",), target_url=None, hash="h"),
        recipients=Recipients(numbers=[], countries=[], variants=[], fields=(), values=[]),
        sendable=sendable,
        expires_at=PUBLISHED + VALIDITY,
    )
    return Piece(msgspec.structs.replace(batch, validity_s=validity_s), None)


@pytest.mark.parametrize(
    ("since", "sendable", "begins"),
    [
        (None, (), at(0)),
        (at(-5), (), at(0)),  # it was published later than its campaign was started
        (at(18), (), at(18)),  # paused, and resumed
        (at(18), (Stretch(opens=at(-1), closes=at(1)), Stretch(opens=at(19), closes=at(22))), at(19)),
        (at(19.5), (Stretch(opens=at(19), closes=at(22)),), at(19.5)),
        (at(18), (Stretch(opens=at(-1), closes=at(1)), Stretch(opens=at(30), closes=at(32))), at(18)),
    ],
)
def test_it_counts_from_when_it_could_last_begin_to_leave(
    since: datetime | None, sendable: tuple[Stretch, ...], begins: datetime
) -> None:
    begun = piece(*sendable).begun(since, NOW)
    left = begun.valid_for(NOW)
    assert left == (begins + VALIDITY - NOW).total_seconds()
    assert begun.expired(NOW) == (left <= 0)


def test_what_an_older_release_published_expires_when_that_said() -> None:
    assert piece(validity_s=None).begun(at(19), NOW).expired(NOW)

"""Lists are cursor pages: `?limit=` and `?after=` in, items and the next cursor out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import Parameter, QueryParameter

from campaign_svc.api.campaign_schemas import READABLE
from volley_chassis.problems import FieldError, invalid

T = TypeVar("T")

Limit = Annotated[int, Parameter(ge=1, le=200, description="How many items a page has, 1 to 200.")]
LIMIT = 50
AFTER = "`next` of the page before."
AfterMoment = Annotated[str | None, QueryParameter(max_length=80, pattern=READABLE, description=AFTER)]
"""Of a list by time."""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True, omit_defaults=True):
    """`next` is the cursor of the following page, null on the last; `total` stands on the first page only."""

    items: list[T]
    next: str | None
    total: int | None = None


def page(found: Sequence[T], limit: int, cursor: Callable[[T], object], total: int | None = None) -> Page[T]:
    """The page of what a query found that asked for one more than `limit`."""
    items = list(found[:limit])
    following = str(cursor(items[-1])) if len(found) > limit else None
    return Page(items=items, next=following, total=total)


def moment(at: datetime | None, id_: UUID) -> str:
    """The cursor of a list by time."""
    return f"{at.timestamp() if at else 0:.6f}_{id_}"


def read_moment(after: str | None) -> tuple[datetime, UUID] | None:
    """Refuses (422) what is no such cursor."""
    if after is None:
        return None
    seconds, _, id_ = after.partition("_")
    try:
        return datetime.fromtimestamp(float(seconds), UTC), UUID(id_)
    except (ValueError, OverflowError, OSError) as error:
        raise invalid(FieldError("after", "is no cursor", "use `next` of the page before")) from error

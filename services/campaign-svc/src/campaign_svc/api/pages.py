"""Lists are cursor pages: `?limit=` and `?after=` in, items and the next cursor out."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import Parameter

T = TypeVar("T")

Limit = Annotated[int, Parameter(ge=1, le=200, description="How many items a page has, 1 to 200.")]
LIMIT = 50
AFTER = "`next` of the page before."


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

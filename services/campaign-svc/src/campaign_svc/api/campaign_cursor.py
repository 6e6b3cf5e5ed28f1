"""Where a page of the campaigns list ends: what the list is sorted by, and that of the last campaign."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from campaign_svc.store.campaign_lists import Key, Listed, Sort
from volley_chassis.problems import FieldError, invalid

_TYPES: dict[str, Any] = {
    "created": tuple[Sort, datetime, UUID],
    "name": tuple[Sort, str, UUID],
    "status": tuple[Sort, str, UUID],
    "recipients": tuple[Sort, int, UUID],
    "cost": tuple[Sort, Decimal, UUID],
    "ctr": tuple[Sort, float, UUID],
}


def write(sort: Sort, last: Listed) -> str:
    """Opaque to callers."""
    return urlsafe_b64encode(msgspec.json.encode((sort, last.key, last.id))).rstrip(b"=").decode()


def read(sort: Sort, cursor: str) -> tuple[Key, UUID]:
    """The sort key and id in a cursor; refuses (422) what is none, or belongs to another sort."""
    try:
        decoded = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        made_for, key, id_ = msgspec.json.decode(decoded, type=_TYPES[sort.removeprefix("-")])
    except (ValueError, msgspec.MsgspecError) as error:
        raise _refusal("is no cursor of a list sorted so") from error
    if made_for != sort:
        raise _refusal(f"belongs to a list sorted by {made_for}, not {sort}")
    return key, id_


def _refusal(message: str) -> Exception:
    fix = "Take `next` of the page before, and ask for it with the same sort."
    return invalid(FieldError("after", message, fix))

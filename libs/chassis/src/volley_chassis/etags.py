"""ETags of what can be edited, and the edits that they guard.

An ETag names the state of what an edit may change, not each byte of an answer: figures that go on counting are no part
of it. A read answers it; an edit with If-Match is carried out only while it still holds. The handler checks that in the
transaction of its write, behind the lock that all edits of the thing take.
"""

import hashlib
import re
from typing import Annotated, TypeVar

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

from volley_chassis.database import Connection

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="The ETag that you have seen; 412 if it is no longer so.")
]
T = TypeVar("T")
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


class Tagged(Response[T]):
    """An answer with its ETag."""

    def __init__(self, content: T, tag: str, status_code: int = 200) -> None:
        super().__init__(content, status_code=status_code, headers={"ETag": f'"{tag}"'})


class StaleError(Exception):
    """Somebody else has changed it since the caller read it. `current` is its tag now."""

    def __init__(self, current: str) -> None:
        self.current = current
        super().__init__("It was changed since you read it.")


def tag_of(*state: object) -> str:
    """A tag for a state of structs, plain values, and lists and dicts of them."""
    return hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()[:20]


def check(if_match: str | None, current: str) -> None:
    """Raises StaleError where the If-Match header (None: there is none) names other tags than the current one."""
    if if_match is None or if_match.strip() == "*":
        return
    if current not in (_TAG.findall(if_match) or [if_match.strip()]):
        raise StaleError(current)


async def one_at_a_time(connection: Connection, *name: object) -> None:
    """Until the transaction ends nobody else edits what is called so: for what has no row of its own to be locked."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", " ".join(map(str, name)))

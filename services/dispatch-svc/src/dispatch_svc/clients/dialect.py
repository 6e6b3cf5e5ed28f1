"""What differs between providers that are reached by HTTP: what is posted to them, and what their answers mean."""

from collections.abc import Callable, Sequence

import msgspec

from dispatch_svc.clients.http1 import Answer
from dispatch_svc.domain.handover import Handed, Outbound


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How `clients.http` speaks to a provider.

    url: what all paths begin with. path: where messages are posted. batch_size: messages a POST.
    body: of the POST of some messages.
    read: what became of each of them; None: none was taken, for the reason that the status says. msgspec.DecodeError
        or UnicodeDecodeError: the answer cannot be read.
    throttled: statuses that say "not now", and surely not taken.
    idempotent: a doubtful POST may be repeated. can_be_asked: the provider answers GET /messages/{ref}.
    """

    url: str
    path: str
    headers: dict[str, str]
    batch_size: int
    body: Callable[[Sequence[Outbound]], bytes]
    read: Callable[[Answer, Sequence[Outbound]], list[Handed] | None]
    throttled: frozenset[int]
    idempotent: bool
    can_be_asked: bool

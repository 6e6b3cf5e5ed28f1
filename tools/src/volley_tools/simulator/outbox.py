"""What the provider has to tell an SMPP client: receipts and replies, until the client has acknowledged them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from volley_smpp import Message

if TYPE_CHECKING:
    from volley_tools.simulator.smpp_session import Session


class Delivery(NamedTuple):
    """A deliver_sm to be; `acknowledged` is called once a client has taken it."""

    message: Message
    acknowledged: Callable[[], None]


class Outbox:
    """Shared by all sessions: a delivery goes to each in turn; what one leaves unacknowledged, to another."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._receivers: deque[Session] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, delivery: Delivery) -> None:
        self._waiting.append(delivery)
        self.flush()

    def add(self, receiver: Session) -> None:
        self._receivers.append(receiver)
        self.flush()

    def remove(self, receiver: Session, unacknowledged: list[Delivery]) -> None:
        """The session has ended."""
        if receiver in self._receivers:
            self._receivers.remove(receiver)
        self._waiting.extendleft(reversed(unacknowledged))
        self.flush()

    def flush(self) -> None:
        """Send what there is room for."""
        waiting, receivers = self._waiting, self._receivers
        full = 0
        while waiting and full < len(receivers):
            receivers.rotate(-1)
            if receivers[-1].has_room():
                receivers[-1].deliver(waiting.popleft())
                full = 0
            else:
                full += 1

    def clear(self) -> None:
        self._waiting.clear()

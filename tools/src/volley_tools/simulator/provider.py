"""The provider behind both doors: what it accepts and refuses, and what becomes of what it accepted."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from volley_smpp import State, Status
from volley_tools.simulator.chance import hit, pick, roll
from volley_tools.simulator.journal import Journal
from volley_tools.simulator.ledger import Event, Ledger, Submitted
from volley_tools.simulator.options import Options
from volley_tools.simulator.pace import Limit

ReceiptSender = Callable[[int, State], None]
"""Sends the receipt of a row."""


class Provider:
    """Accepts into the ledger, and delivers when the time has come.

    `on_receipt[protocol]` sends the receipt of a row; `on_delivered` is told each message that reached its
    phone; `journal` gets every message and event.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.ledger = Ledger()
        self.on_receipt: dict[str, ReceiptSender] = {}
        self.on_delivered: Callable[[int], None] | None = None
        self.journal: Journal | None = None
        self._limit = Limit()
        self._refusals: Counter[str] = Counter()
        self._due: list[tuple[float, int, str]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0

    @property
    def undelivered(self) -> int:
        """How many rows are on their way."""
        return len(self._due)

    def within_limit(self, parts: int, now: float) -> bool:
        """Whether so many parts may come now; they are counted if so, and as refused if not."""
        if self._limit.allows(now, parts, self.options.limit_per_second):
            return True
        self.ledger.refused[Status.ESME_RTHROTTLED.name] += 1
        return False

    def failure(self, number: str) -> Status | None:
        """With which status of the failure mix a message to `number` is refused, if it is."""
        options = self.options
        if not options.failures:
            return None
        name = pick(options.failures, roll(options.seed, "failure", number))
        if name is None or self._has_cleared(number):
            return None
        self.ledger.refused[name] += 1
        return Status[name]

    def _has_cleared(self, number: str) -> bool:
        if not self.options.failures_clear_after:
            return False
        self._refusals[number] += 1
        return self._refusals[number] > self.options.failures_clear_after

    def accept(self, submitted: Submitted, receipt_by: str) -> int:
        """Take a message or part in and have it delivered later; its row.

        `receipt_by` names the sender of its receipt in `on_receipt`; empty if the client wants none.
        """
        row = self.ledger.add(submitted)
        if self.journal and self.ledger.completes(row):
            self.journal.write(self.ledger.message(self.ledger.row_messages[row]))
        receipt_by = receipt_by if self.options.receipts else ""
        if self.options.receipt_first and receipt_by:
            self._deliver(row, receipt_by)
        elif receipt_by or self.options.phones_act():
            self._deliver_later(submitted.now, row, receipt_by)
        return row

    def record(self, event: Event) -> None:
        """Note in the ledger what was done, and when that was known."""
        event.detail["recorded_at"] = round(time.monotonic() + self.ledger.wall_offset, 6)
        self.ledger.events.append(event)
        if self.journal:
            self.journal.write(self.ledger.event(event))

    def flush_journal(self) -> None:
        """Before an answer: what is answered has been written down."""
        if self.journal:
            self.journal.flush()

    def reset(self) -> None:
        """Forget everything; what is on its way never arrives."""
        self.ledger = Ledger()
        self._refusals.clear()
        self._due.clear()

    def stop(self) -> None:
        """Deliver nothing more."""
        self._due.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _deliver_later(self, now: float, row: int, receipt_by: str) -> None:
        options = self.options
        delay = options.delivery_ms
        if options.delivery_jitter_ms:
            delay += random.uniform(0, options.delivery_jitter_ms)  # noqa: S311  # a die
        due = now + delay / 1000
        heappush(self._due, (due, row, receipt_by))
        if self._timer is None or self._timer_due > due:
            self._wake_at(due)

    def _wake_at(self, due: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer_due = due
        self._timer = asyncio.get_running_loop().call_at(due, self._deliver_due)

    def _deliver_due(self) -> None:
        self._timer = None
        now = time.monotonic()
        for done in count():
            if not self._due:
                return
            # Submits are answered in between, however many deliveries are due.
            if self._due[0][0] > now or done == 500:
                self._wake_at(max(self._due[0][0], now))
                return
            _, row, receipt_by = heappop(self._due)
            self._deliver(row, receipt_by)

    def _deliver(self, row: int, receipt_by: str) -> None:
        options, ledger = self.options, self.ledger
        _, _, number = ledger.submitted_of(row)
        state = self._fate(number)
        ledger.row_states[row] = state
        if receipt_by and not hit(options.seed, "receipt_lost", number, options.receipt_lost):
            times = 2 if hit(options.seed, "receipt_twice", number, options.receipt_twice) else 1
            for _ in range(times):
                self.on_receipt[receipt_by](row, state)
        if self.on_delivered and state is State.DELIVERED and options.phones_act() and ledger.completes(row):
            self.on_delivered(ledger.row_messages[row])

    def _fate(self, number: str) -> State:
        options = self.options
        if not (options.undelivered or options.expired):
            return State.DELIVERED
        shares = {"UNDELIVERABLE": options.undelivered, "EXPIRED": options.expired}
        return State[pick(shares, roll(options.seed, "fate", number)) or "DELIVERED"]

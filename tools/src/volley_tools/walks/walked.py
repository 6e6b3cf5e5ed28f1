"""The campaigns of a walk as it knows them, and what people write into them."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from volley_tools.demo.api import ApiError
from volley_tools.demo.evidence import Json

WORDS = {"pass": "sale", "review": "casino", "reject": "fake passport"}
"""What moderation thinks of a text with this word in it."""
LINKS = (
    "{{ short_url }} Stop: {{ optout_url }}",
    "{{ short_url }} Stop: {{ optout_url }}",
    "Stop: {{ optout_url }}",
)


@dataclass
class Text:
    """A text that a campaign had: how moderation takes it, when it came, and whether a reviewer passed it."""

    mood: str
    at: float
    approved: bool = False


@dataclass
class Budget:
    """What a campaign might cost, from some moment between these two on."""

    amount: Decimal | None
    asked: float
    answered: float


@dataclass
class Walked:
    """A campaign of the walk and all that was done to it. `told`: when the API first told of a move, by its version.

    `hours`, where it has some, are all of the day: its people stand in groups of time zones.
    """

    no: int
    id: str
    include: list[int]
    links: str
    hours: Json | None
    texts: list[Text] = field(default_factory=list)
    ratios: list[int] = field(default_factory=list)
    history: list[Json] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    told: dict[int, float] = field(default_factory=dict)
    budgets: list[Budget] = field(default_factory=list)
    deleted_at: float | None = None

    @property
    def status(self) -> str:
        return str(self.history[-1]["status_to"]) if self.history else "draft"

    @property
    def path(self) -> str:
        return f"/v1/campaigns/{self.id}"


@dataclass
class Attempt:
    """One thing that somebody does, and how it was answered."""

    did: str
    call: Callable[[], Awaitable[Any]]
    refusal: ApiError | None = None
    answer: Any = None
    asked: float = 0.0
    answered: float = 0.0


class Author:
    """Draws what is written. No edit is like another, so that each changes something."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._edits = 0

    def edit(self, one: Walked, kind: str, mood: str | None = None) -> Json:
        """The body of an edit that changes something, whatever stood there before."""
        chance = self._chance
        self._edits += 1
        if kind in {"text", "ratio"}:
            (drawn,) = chance.choices(["pass", "review", "reject"], [6, 3, 1])
            if kind == "text":
                one.texts.append(Text(mood or drawn, at=float("inf")))
            body: Json = {"content": {"variants": self.variants(one, len(one.texts) - 1)}}
        elif kind == "cap":
            body = {"max_parts_per_second": 5 + self._edits}
        elif kind == "budget":
            body = {"budget": self._budget(one.budgets[-1].amount if one.budgets else None)}
        elif kind == "schedule":
            body = {"schedule": self._schedule(one)}
            if chance.random() < 0.3:
                body["content"] = {"variants": self.variants(one, len(one.texts) - 1)}
        else:
            body = {"name": f"walk {one.no} {self._edits}"}
        return body

    def _budget(self, last: Decimal | None) -> Json | None:
        """Mostly higher than the last one, sometimes lower, or none."""
        (what,) = self._chance.choices(("raise", "lower", "lift"), (6, 2, 2)) if last else ("raise",)
        share = Decimal(self._chance.randint(10, 90)) / 100
        amount = (last or 0) + 3 * share if what == "raise" else max((last or 0) * share, Decimal("0.01"))
        return None if what == "lift" else {"amount": str(round(amount, 4)), "currency": "EUR"}

    def _schedule(self, one: Walked) -> Json:
        start = self._chance.choice(("now", "at", "at", "manual"))
        at = datetime.now(UTC) + timedelta(seconds=1 + 2 * self._chance.random())
        lateness = 3600 + self._edits  # so that it is a change, whatever stood there before
        when = {"start": start, "at": at.isoformat() if start == "at" else None}
        return {**when, "hours": one.hours, "lateness_limit_s": lateness}

    def variants(self, one: Walked, text: int) -> list[Json]:
        ratio = self._chance.choice([ratio for ratio in range(1, 100) if ratio not in one.ratios])
        one.ratios.append(ratio)
        word = WORDS[one.texts[text].mood]
        return [
            {
                "name": name,
                "text": f"c{one.no}r{text} {{{{ first_name | Hello }}}}, the {word} {name}: {one.links}",
                "ratio": share,
            }
            for name, share in (("A", ratio), ("B", 100 - ratio))
        ]

"""One walk: what people do to a few campaigns at random moments, each answer held against the law as it comes."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from volley_tools.demo.api import ApiError, until
from volley_tools.demo.evidence import Json
from volley_tools.walks import law
from volley_tools.walks.world import World

CAMPAIGNS, MOST = 4, 7
STEPS = 50
SECONDS = 90.0
WORDS = {"pass": "sale", "review": "casino", "reject": "fake passport"}
"""What moderation thinks of a text with this word in it."""
LINKS = (
    "{{ short_url }} Stop: {{ optout_url }}",
    "{{ short_url }} Stop: {{ optout_url }}",
    "Stop: {{ optout_url }}",
)
KINDS = {"text": 5, "ratio": 3, "cap": 3, "budget": 4, "schedule": 3, "name": 1}


@dataclass
class Text:
    """A text that a campaign had: how moderation takes it, when it came, and whether a reviewer passed it."""

    mood: str
    at: float
    approved: bool = False


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
    history: list[Json] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    told: dict[int, float] = field(default_factory=dict)
    budgets: list[tuple[float, Decimal | None]] = field(default_factory=list)
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
    answered: float = 0.0


class Walk:
    """`broken` is what was answered wrongly; `told` what was done, for people who look for the reason."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.api = world.api
        self.chance = random.Random(world.seed * 7919)  # noqa: S311 - a walk that repeats, not a secret
        self.campaigns: list[Walked] = []
        self.suppressed: dict[str, float] = {}
        self.broken: list[str] = []
        self.told: list[str] = []
        self._begun = time.monotonic()

    async def run(self, steps: int = STEPS) -> None:
        for _ in range(CAMPAIGNS):
            await self._write()
        for _ in range(steps):
            await self._step()
            await self._moment()

    # --- what happens at a step

    async def _step(self) -> None:
        likely = [0 if c.deleted_at else 1 if c.status in law.AT_REST else 4 for c in self.campaigns]
        (one,) = self.chance.choices(self.campaigns, likely if any(likely) else None)
        actions: dict[Callable[[Walked], Awaitable[None]], int] = {
            self._move: 40,
            self._two_at_once: 10,
            self._edit: 22,
            self._review: 14,
            self._end: 3,
            self._duplicate: 3,
            self._domains: 12,
            self._pace: 3,
            self._suppress: 3,
        }
        (action,) = self.chance.choices([*actions], [*actions.values()])
        await action(one)
        if one.deleted_at is None:
            await self._look(one)

    async def _move(self, one: Walked) -> None:
        await self._attempt(one, self._some_move(one))

    async def _two_at_once(self, one: Walked) -> None:
        """Two people, or one who presses twice."""
        await self._attempt(one, self._some_move(one), self.chance.choice((self._some_move, self._some_edit))(one))

    def _some_move(self, one: Walked) -> Attempt:
        """Mostly one that is possible, sometimes any."""
        likely = [name for name in law.ALLOWED.get(one.status, ()) if name in {"submit", "start", "pause", "resume"}]
        names = likely if likely and self.chance.random() < 0.75 else ["submit", "start", "pause", "resume"]
        return self._named(one, self.chance.choice(names))

    def _named(self, one: Walked, name: str) -> Attempt:
        accept = {"accept": one.history[-1]["code"]} if name == "resume" and one.history else None
        rate = accept is not None and str(accept["accept"]).endswith("_rate")
        return Attempt(name, lambda: self.api.post(f"{one.path}/{name}", accept if rate else None))

    async def _edit(self, one: Walked) -> None:
        await self._attempt(one, self._some_edit(one))

    def _some_edit(self, one: Walked) -> Attempt:
        (kind,) = self.chance.choices([*KINDS], [*KINDS.values()])
        return self._edited(one, kind)

    def _edited(self, one: Walked, kind: str, mood: str | None = None) -> Attempt:
        """An edit that changes something, whatever stood there before."""
        chance = self.chance
        if kind in {"text", "ratio"}:
            (drawn,) = chance.choices(["pass", "review", "reject"], [6, 3, 1])
            if kind == "text":
                one.texts.append(Text(mood or drawn, at=float("inf")))
            body: Json = {"content": {"variants": self._variants(one, len(one.texts) - 1)}}
        elif kind == "cap":
            body = {"max_parts_per_second": chance.choice((5, 10, 20, 40, 80)) + len(self.told) % 3}
        elif kind == "budget":
            last = one.budgets[-1][1] if one.budgets else None
            raised = (last or Decimal(0)) + Decimal(chance.randint(50, 300)) / 100
            body = {"budget": None if last and chance.random() < 0.2 else {"amount": str(raised), "currency": "EUR"}}
        elif kind == "schedule":
            body = {"schedule": self._schedule(one)}
            if chance.random() < 0.3:
                body["content"] = {"variants": self._variants(one, len(one.texts) - 1)}
        else:
            body = {"name": f"walk {one.no} {len(self.told)}"}
        return Attempt(kind, lambda: self.api.patch(one.path, body))

    def _schedule(self, one: Walked) -> Json:
        start = self.chance.choice(("now", "at", "at", "manual"))
        at = datetime.now(UTC) + timedelta(seconds=1 + 2 * self.chance.random())
        lateness = 3600 + len(self.told)  # so that it is a change, whatever stood there before
        when = {"start": start, "at": at.isoformat() if start == "at" else None}
        return {**when, "hours": one.hours, "lateness_limit_s": lateness}

    def _variants(self, one: Walked, text: int) -> list[Json]:
        ratio = self.chance.randint(1, 99)
        word = WORDS[one.texts[text].mood]
        return [
            {
                "name": name,
                "text": f"c{one.no}r{text} {{{{ first_name | Hello }}}}, the {word} {name}: {one.links}",
                "ratio": share,
            }
            for name, share in (("A", ratio), ("B", 100 - ratio))
        ]

    async def _review(self, one: Walked) -> None:
        """Of what waits for it if there is anything, and sometimes of what does not."""
        waiting = {item["campaign_id"] async for item in self.world.reviewer.pages("/v1/moderation/queue")}
        chosen = [c for c in self.campaigns if c.id in waiting]
        if chosen and self.chance.random() < 0.9:
            one = self.chance.choice(chosen)
        verb = "approve" if self.chance.random() < 0.75 else "reject"
        await self._attempt(one, self._reviewed(one, verb))
        await self._look(one)

    def _reviewed(self, one: Walked, verb: str) -> Attempt:
        return Attempt(verb, lambda: self.world.reviewer.post(f"/v1/moderation/{one.id}/{verb}", {"comment": "seen"}))

    async def _end(self, one: Walked) -> None:
        if self.chance.random() < 0.5:
            await self._attempt(one, self._named(one, "abort"))
            return
        await self.api.delete(one.path)
        one.deleted_at = time.time()
        self._tell(one, "delete")
        for call in (self.api.get(one.path), self.api.post(f"{one.path}/abort"), self.api.get(f"{one.path}/history")):
            try:
                await call
            except ApiError as error:
                if error.status == 404:
                    continue
            self.broken.append(f"campaign {one.no} was deleted and is still there")

    async def _duplicate(self, one: Walked) -> None:
        if len(self.campaigns) >= MOST or one.deleted_at is not None:
            return
        made = await self.api.post(f"{one.path}/duplicate")
        copy = Walked(len(self.campaigns), made["id"], one.include, one.links, one.hours)
        self.campaigns.append(copy)
        if (made["status"], made["schedule"], made["counts"]["fed"]) != ("draft", None, 0):
            self.broken.append(f"a duplicate is {made['status']} with {made['schedule']} and {made['counts']}")
        if made["budget"]:
            copy.budgets.append((time.time(), Decimal(made["budget"]["amount"])))
        self._tell(copy, f"duplicate of {one.no}")
        await self._attempt(copy, self._edited(copy, "text"))
        await self._attempt(copy, self._edited(copy, "schedule"))

    async def _domains(self, _one: Walked) -> None:
        """One more, one less, one of a higher limit."""
        pool = await self.api.get(
            f"/v1/pools/{self.chance.choice((self.world.short_pool, self.world.optout_pool))['id']}"
        )
        domain, what = self.chance.choice(pool["domains"]), self.chance.choice(("add", "add", "turn", "raise"))
        limit = self.chance.randint(60, 250)
        if what == "add":
            host = f"more{len(self.told)}.{self.world.zone}"
            await self.api.post(f"/v1/pools/{pool['id']}/domains", {"host": host, "message_limit": limit})
        elif what == "turn":
            status = "active" if domain["status"] == "blocked" else "blocked"
            with suppress(ApiError):  # what has reached its limit may not be turned
                await self.api.patch(f"/v1/domains/{domain['id']}", {"status": status})
        else:
            more = {"message_limit": domain["message_limit"] + limit}
            await self.api.patch(f"/v1/domains/{domain['id']}", more)
        self._tell(None, f"{what} a domain of {pool['purpose']}")

    async def _pace(self, _one: Walked) -> None:
        sender, pace = self.chance.choice(self.world.senders), self.chance.randint(15, 60)
        await self.api.patch(f"/v1/senders/{sender['id']}", {"parts_per_second": pace})
        self._tell(None, f"{sender['address']} at {pace}")

    async def _suppress(self, one: Walked) -> None:
        number = self.chance.choice(sorted(self.world.members[one.include[0]]))
        await self.api.post("/v1/suppressions", {"number": number})
        self.suppressed.setdefault(number, time.time())

    # --- how it is done, and judged

    async def _write(self) -> None:
        no, chance = len(self.campaigns), self.chance
        include = sorted(chance.sample(range(len(self.world.segments)), chance.randint(1, 2)))
        draft = await self.api.post("/v1/campaigns", {"name": f"walk {no}"})
        sender = chance.choice(self.world.senders)
        hours = {"opens": "00:00:00", "closes": "00:00:00"} if chance.random() < 0.4 else None
        one = Walked(no, draft["id"], include, chance.choice(LINKS), hours)
        one.texts.append(Text(chance.choice(("pass", "pass", "review")), at=0.0))
        self.campaigns.append(one)
        content: Json = {"variants": self._variants(one, 0), "optout_pool_id": self.world.optout_pool["id"]}
        if "short_url" in one.links:
            content |= {"target_url": "https://shop.example.com/", "short_pool_id": self.world.short_pool["id"]}
        body = {
            "audience": {"include": [self.world.segments[index]["id"] for index in include], "exclude": []},
            "sender_id": sender["id"],
            "content": content,
            "schedule": {"start": chance.choice(("now", "now", "manual")), "hours": hours},
        }
        await self.api.patch(one.path, body)
        await self._attempt(one, self._named(one, "submit"))

    async def _attempt(self, one: Walked, *attempts: Attempt) -> None:
        """Do it, at once if it is several, and hold the answers against the law and the history."""
        if one.deleted_at is not None:
            return
        seen = {one.status} | {entry["status_to"] for entry in await self._catch_up(one)}
        await asyncio.gather(*(self._ask(attempt) for attempt in attempts))
        new = await self._catch_up(one)
        seen |= {entry["status_to"] for entry in new}
        for attempt in attempts:
            self._judge(one, attempt, seen)
        self._match(one, [attempt for attempt in attempts if not attempt.refusal], new)

    async def _ask(self, attempt: Attempt) -> None:
        """Asked again while the campaign is being prepared just now."""

        async def answered() -> bool:
            try:
                attempt.answer, attempt.refusal = await attempt.call(), None
            except ApiError as error:
                attempt.refusal = error
                return error.status != 503
            return True

        await until(answered, seconds=SECONDS, what=f"the answer to {attempt.did}")
        attempt.answered = time.time()

    def _judge(self, one: Walked, attempt: Attempt, seen: set[str]) -> None:
        if attempt.refusal:
            problem = attempt.refusal.problem
            self._tell(one, f"{attempt.did} refused: {problem.get('code')} {problem.get('campaign_status', '')}")
            if attempt.refusal.status == 422 and attempt.did == "submit" and "draft" in seen:
                fields = {error["field"] for error in problem["errors"]}
                wrong = None if fields <= {"schedule", "schedule.at"} else f"submit was answered by {problem}"
            else:
                wrong = law.broken_refusal(attempt.did, attempt.refusal.status, problem, seen)
        else:
            self._tell(one, f"{attempt.did} -> {attempt.answer['status']}")
            wrong = law.broken_acceptance(attempt.did, seen)
        if wrong:
            self.broken.append(f"campaign {one.no}: {wrong}")
        if attempt.did == "text" and attempt.refusal:
            one.texts.pop()
        elif attempt.did == "text":
            one.texts[-1].at = attempt.answered
        elif attempt.did == "budget" and not attempt.refusal:
            budget = attempt.answer["budget"]
            one.budgets.append((attempt.answered, Decimal(budget["amount"]) if budget else None))
        elif attempt.did == "approve" and not attempt.refusal:
            one.texts[-1].approved = True

    def _match(self, one: Walked, accepted: list[Attempt], new: list[Json]) -> None:
        """What was accepted stands in the history, once, and nothing else that a person did."""
        left = Counter(entry["move"] for entry in new if entry["actor"] != "system")
        for attempt in accepted:
            names = law.RECORDED.get(attempt.did, frozenset({attempt.did}))
            found = next((name for name in names if left[name]), None)
            if found:
                left[found] -= 1
                entry = next(e for e in reversed(new) if e["move"] == found)
                one.told[entry["version"]] = attempt.answered
                one.done.append(found)
            elif attempt.did not in law.EDITABLE:
                self.broken.append(f"campaign {one.no}: {attempt.did} was accepted and is not in the history")
        if +left:
            self.broken.append(f"campaign {one.no}: {dict(+left)} in the history, but nobody did that")

    async def _catch_up(self, one: Walked) -> list[Json]:
        new = [e async for e in self.api.pages(f"{one.path}/history") if e["version"] > len(one.history)]
        one.history += new
        for entry in new:
            one.told[entry["version"]] = time.time()
            if entry["actor"] == "system":
                self._tell(one, f"  by itself: {entry['move']} -> {entry['status_to']} {entry['code'] or ''}")
        return new

    async def _look(self, one: Walked) -> None:
        """What it says of itself is the truth."""
        before = one.status
        view = await self.api.get(one.path)
        seen = {before} | {entry["status_to"] for entry in await self._catch_up(one)}
        status = view["status"]
        if status not in seen or view["allowed"] != law.ALLOWED[status]:
            self.broken.append(f"campaign {one.no} was {seen} and says {status}, {view['allowed']}")
        if (view["suspension"] is not None) != (status == "suspended"):
            self.broken.append(f"campaign {one.no} is {status} with {view['suspension']}")
        counts = view["counts"]
        if counts["recipients"] is not None and not 0 <= counts["settled"] <= counts["recipients"]:
            self.broken.append(f"campaign {one.no} has {counts}")

    async def _moment(self) -> None:
        """Until some more messages have left; if none do, not for long."""
        provider, more = self.world.provider, self.chance.choice((0, 0, 1, 5, 15, 40))
        wanted = await provider.count() + more

        async def enough() -> bool:
            return await provider.count() >= wanted

        with suppress(TimeoutError):
            await until(enough, seconds=0.5, what="some messages")

    def _tell(self, one: Walked | None, what: str) -> None:
        self.told.append(f"{time.monotonic() - self._begun:6.2f} {f'c{one.no}' if one else '  '} {what}")

    # --- the end

    async def come_to_an_end(self) -> None:
        """Mend what holds campaigns up, and see them through; drafts and rejected ones stay as they are."""
        for sender in self.world.senders:
            await self.api.patch(f"/v1/senders/{sender['id']}", {"parts_per_second": 300})
        for pool in (self.world.short_pool, self.world.optout_pool):
            body = {"host": f"last-{pool['purpose']}.{self.world.zone}", "message_limit": 100_000}
            await self.api.post(f"/v1/pools/{pool['id']}/domains", body)

        async def at_rest() -> bool:
            going = [one for one in self.campaigns if one.deleted_at is None and one.status not in law.AT_REST]
            for one in going:
                await self._catch_up(one)
                await self._further(one)
            return not going

        await until(at_rest, seconds=SECONDS, what="all campaigns to come to rest")

    async def _further(self, one: Walked) -> None:
        """What a person would do to have it finished."""
        view = await self.api.get(one.path)
        if view["max_parts_per_second"] or view["budget"]:
            with suppress(ApiError):
                await self.api.patch(one.path, {"max_parts_per_second": None, "budget": None})
                one.budgets.append((time.time(), None))
        code = (view["suspension"] or {}).get("code")
        if code == "content_rejected" or (code == "content_needs_review" and one.texts[-1].mood == "reject"):
            await self._attempt(one, self._edited(one, "text", "pass"))
        elif (view["moderation"] or {}).get("verdict") == "review" and view["status"] in {"processing", "suspended"}:
            await self._attempt(one, self._reviewed(one, "approve"))
        elif view["status"] in law.PREPARED:
            await self._attempt(one, self._named(one, "start"))
        elif view["status"] in {"paused", "suspended"} and code != "content_needs_review":
            await self._attempt(one, self._named(one, "resume"))

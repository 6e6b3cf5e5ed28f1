"""Does what people do, and holds each answer, the history and what a campaign says of itself against the law."""

import asyncio
import time
from collections import Counter
from decimal import Decimal

from volley_tools.demo.api import Api, ApiError, until
from volley_tools.demo.evidence import Json
from volley_tools.walks import law
from volley_tools.walks.walked import Attempt, Budget, Walked

SECONDS = 90.0


class Witness:
    """`broken` is what was answered wrongly; `told` what was done, for people who look for the reason."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.broken: list[str] = []
        self.told: list[str] = []
        self._begun = time.monotonic()

    async def attempt(self, one: Walked, *attempts: Attempt) -> None:
        """Do it, at once if it is several, and hold the answers against the law and the history."""
        if one.deleted_at is not None:
            return
        seen = {one.status} | {entry["status_to"] for entry in await self.catch_up(one)}
        await asyncio.gather(*(self._ask(attempt) for attempt in attempts))
        new = await self.catch_up(one)
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

        attempt.asked = time.time()
        await until(answered, seconds=SECONDS, what=f"the answer to {attempt.did}")
        attempt.answered = time.time()

    def _judge(self, one: Walked, attempt: Attempt, seen: set[str]) -> None:
        if attempt.refusal:
            problem = attempt.refusal.problem
            self.tell(one, f"{attempt.did} refused: {problem.get('code')} {problem.get('campaign_status', '')}")
            if attempt.refusal.status == 422 and attempt.did == "submit" and "draft" in seen:
                fields = {error["field"] for error in problem["errors"]}
                wrong = None if fields <= {"schedule", "schedule.at"} else f"submit was answered by {problem}"
            else:
                wrong = law.broken_refusal(attempt.did, attempt.refusal.status, problem, seen)
        else:
            self.tell(one, f"{attempt.did} -> {attempt.answer['status']}")
            wrong = law.broken_acceptance(attempt.did, seen)
        if wrong:
            self.broken.append(f"campaign {one.no}: {wrong}")
        if attempt.did == "text" and attempt.refusal:
            one.texts.pop()
        elif attempt.did == "text":
            one.texts[-1].at = attempt.answered
        elif attempt.did == "budget" and not attempt.refusal:
            budget = attempt.answer["budget"]
            amount = Decimal(budget["amount"]) if budget else None
            one.budgets.append(Budget(amount, attempt.asked, attempt.answered))
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

    async def catch_up(self, one: Walked) -> list[Json]:
        new = [e async for e in self._api.pages(f"{one.path}/history") if e["version"] > len(one.history)]
        one.history += new
        for entry in new:
            one.told[entry["version"]] = time.time()
            if entry["actor"] == "system":
                self.tell(one, f"  by itself: {entry['move']} -> {entry['status_to']} {entry['code'] or ''}")
        return new

    async def look(self, one: Walked) -> None:
        """What it says of itself is the truth."""
        before = one.status
        view = await self._api.get(one.path)
        seen = {before} | {entry["status_to"] for entry in await self.catch_up(one)}
        status = view["status"]
        if status not in seen or view["allowed"] != law.ALLOWED[status]:
            self.broken.append(f"campaign {one.no} was {seen} and says {status}, {view['allowed']}")
        if (view["suspension"] is not None) != (status == "suspended"):
            self.broken.append(f"campaign {one.no} is {status} with {view['suspension']}")
        counts = view["counts"]
        if counts["recipients"] is not None and not 0 <= counts["settled"] <= counts["recipients"]:
            self.broken.append(f"campaign {one.no} has {counts}")

    def tell(self, one: Walked | None, what: str) -> None:
        self.told.append(f"{time.monotonic() - self._begun:6.2f} {f'c{one.no}' if one else '  '} {what}")

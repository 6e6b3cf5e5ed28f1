"""The phones: what recipients, their apps and scanners do with a message that has arrived."""

import asyncio
import random
import re
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from volley_tools.simulator.browser import Browser
from volley_tools.simulator.chance import hit
from volley_tools.simulator.ledger import Event
from volley_tools.simulator.options import Options
from volley_tools.simulator.provider import Provider
from volley_tools.simulator.visitors import PEOPLE, PREVIEWS, SCANNERS, Visitor, one_of

ReplySender = Callable[[str, str, str, str], None]
"""Sends number, sender, text, kind of event."""

_LINK = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::\d+)?/[^\s<>\"']+", re.IGNORECASE)


class Links(NamedTuple):
    """The links of a message; empty where it has none."""

    short: str
    optout: str


def links_of(text: str, optout_hosts: Sequence[str] = ()) -> Links:
    """The first link, and the opt-out link: that of an opt-out host, or (if none are named) the last of several."""
    found = [match.rstrip(".,;:!?)") for match in _LINK.findall(text)]
    found = [link if "://" in link else "http://" + link for link in found]
    if optout_hosts:
        optouts = [link for link in found if urlsplit(link).netloc in optout_hosts]
        found = [link for link in found if link not in optouts]
    else:
        optouts = [found.pop()] if len(found) > 1 else []
    return Links(next(iter(found), ""), next(iter(optouts), ""))


class Phones:
    """Acts on messages that are delivered, and has the ledger remember exactly what was done."""

    def __init__(self, provider: Provider, send_reply: Mapping[str, ReplySender]) -> None:
        self._provider = provider
        self._send_reply = send_reply
        self._browser = Browser()
        self._acting: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> int:
        """How many phones are still about to do something."""
        return len(self._acting)

    def act(self, message: int) -> None:
        """A message has arrived: decide what its recipient does, and have it done."""
        options, ledger = self._provider.options, self._provider.ledger
        number, sender = ledger.numbers[message], ledger.senders[message]

        def decides(what: str) -> bool:
            if what == "click" and options.click_text not in ledger.text(message):
                return False
            return hit(options.seed, what, number, getattr(options, what))

        if options.web and any(map(decides, _WITH_LINKS)):
            links = links_of(ledger.text(message), options.optout_hosts)
            for what in filter(decides, _WITH_LINKS):
                self._follow(what, links, number, sender)
        protocol = ledger.protocol(message)
        if decides("stop"):
            self._start(self._answer(protocol, number, sender, options.stop_text, "stop"))
        elif decides("reply"):
            self._start(self._answer(protocol, number, sender, options.reply_text, "reply"))

    def _follow(self, what: str, links: Links, number: str, sender: str) -> None:
        visitors, link = _WITH_LINKS[what], links.optout if what.startswith("optout") else links.short
        if link:
            visitor = one_of(visitors, self._provider.options.seed, number)
            self._start(self._open(what, link, visitor, number, sender))

    def _start(self, action: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(action)
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    async def _open(self, what: str, link: str, visitor: Visitor, number: str, sender: str) -> None:
        options = self._provider.options
        if visitor in PEOPLE:
            await _hesitate(options)
        opened = time.monotonic()
        if what == "optout":
            answer = await self._browser.press_button(link, options.web, visitor)
        else:
            answer = await self._browser.open(link, options.web, visitor)
        begun_at = round(opened + self._provider.ledger.wall_offset, 6)
        detail = {"url": link, "visitor": visitor.name, "status": answer.status, "begun_at": begun_at}
        kind = what if answer.good else what + "_failed"
        self._provider.record(Event(kind, time.monotonic(), number, sender, detail))

    async def _answer(self, protocol: str, number: str, sender: str, text: str, kind: str) -> None:
        await _hesitate(self._provider.options)
        self._send_reply[protocol](number, sender, text, kind)

    def reset(self) -> None:
        for task in self._acting:
            task.cancel()

    async def close(self) -> None:
        self.reset()
        await asyncio.gather(*self._acting, return_exceptions=True)
        await self._browser.close()


_WITH_LINKS: dict[str, tuple[Visitor, ...]] = {
    "click": PEOPLE,
    "preview": PREVIEWS,
    "scanner": SCANNERS,
    "optout": PEOPLE,
    "optout_scanner": SCANNERS,
}


async def _hesitate(options: Options) -> None:
    delay = options.phone_ms + random.uniform(0, options.phone_jitter_ms)  # noqa: S311  # a die
    await asyncio.sleep(delay / 1000)

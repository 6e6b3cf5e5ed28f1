"""What the public server answers: a short URL leads to its target, an opt-out URL to a page with one button.

A click is in Kafka before it is answered; opening an opt-out URL opts nobody out, pressing its button does.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import structlog

from link_svc import metrics
from link_svc.domain.health import PATH, nonce_in, proof_of
from link_svc.public import pages
from link_svc.public.clicks import ClickJoiner
from link_svc.public.http import Answer, Reply, Request, answer
from link_svc.public.languages import asked_for, of_country
from link_svc.public.links import Link, Resolver, host_name
from volley_chassis.faults import fault_point
from volley_chassis.kafka import Stream
from volley_contracts import OptedOut, now
from volley_visitors import reason_of

log = structlog.get_logger()

_PLAIN = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
_FIXED = {
    b"/healthz": answer(200, _PLAIN, b"ok"),
    b"/robots.txt": answer(200, _PLAIN, b"User-agent: *\nDisallow: /\n"),
}
_NOT_FOUND = answer(404, pages.HEADERS, pages.NOT_FOUND)
_GONE = answer(410, pages.HEADERS, pages.GONE)
_TRY_AGAIN = answer(503, [*pages.HEADERS, (b"retry-after", b"30")], pages.TRY_AGAIN)
_IN_WORDS = [*pages.HEADERS, (b"vary", b"accept-language")]
_ASK = {language: answer(200, _IN_WORDS, page) for language, page in pages.ASK.items()}
_DONE = {language: answer(200, _IN_WORDS, page) for language, page in pages.DONE.items()}
_REFUSED = answer(405, [*pages.HEADERS, (b"allow", b"GET, HEAD, POST")], pages.NOT_ALLOWED)
_NO_FORM = answer(405, [*pages.HEADERS, (b"allow", b"GET, HEAD")], pages.NOT_ALLOWED)
_VISITS = {
    result: metrics.VISITS.labels(result)
    for result in ("opened", "opted_out", "unknown", "expired", "refused", "failed")
}
_METHODS = frozenset({b"GET", b"HEAD", b"POST"})
_MAX_PATH = 64
_PROOFS = PATH.encode()


def _counted(result: str, counted: Answer) -> Answer:
    _VISITS[result].inc()
    return counted


class PublicApp:
    """Answers visits. `stream` is running as long as it does. `token` is the secret that proves a domain's health."""

    def __init__(self, resolver: Resolver, stream: Stream, token: str) -> None:
        self._token = token
        self._resolver = resolver
        self._stream = stream
        self._clicks = ClickJoiner(stream.publish)
        self._later: set[asyncio.Task[None]] = set()
        self._arrived: dict[bytes, list[tuple[Request, Reply]]] = {}

    def visit(self, request: Request, reply: Reply) -> None:
        """Answer a request, at once where nothing has to be asked or recorded."""
        path = request.path
        if request.method not in _METHODS:
            reply(_counted("refused", _REFUSED))
        elif path in _FIXED:
            reply(_FIXED[path])
        elif path.startswith(_PROOFS):
            reply(self._proof(request))
        elif len(path) > _MAX_PATH:
            reply(_counted("unknown", _NOT_FOUND))
        else:
            self._look_up(request, reply)

    def _look_up(self, request: Request, reply: Reply) -> None:
        """With all that arrived at this moment: many slugs at once cost less than half of one by one."""
        if not self._arrived:
            asyncio.get_running_loop().call_soon(self._look_up_arrived)
        self._arrived.setdefault(request.headers.get(b"host", b""), []).append((request, reply))

    def _look_up_arrived(self) -> None:
        arrived, self._arrived = self._arrived, {}
        for host, visits in arrived.items():
            slugs = [request.path[1:] for request, _ in visits]
            for (request, reply), found in zip(visits, self._resolver.resolve(host, slugs), strict=True):
                if found is None or isinstance(found, Link):
                    self._visit_link(request, found, reply)
                else:
                    self._await(self._visit_found(request, found, reply), reply)

    async def _visit_found(self, request: Request, found: Coroutine[Any, Any, Link | None], reply: Reply) -> None:
        self._visit_link(request, await found, reply)

    def _proof(self, request: Request) -> Answer:
        """What tells whoever checks the domain that it leads here."""
        nonce = nonce_in(request.path.decode("latin-1"))
        if nonce is None:
            return _counted("unknown", _NOT_FOUND)
        return answer(200, _PLAIN, proof_of(self._token, host_name(request.headers.get(b"host", b"")), nonce))

    def _visit_link(self, request: Request, link: Link | None, reply: Reply) -> None:
        if link is None or (link.kind == "short" and link.location is None):
            reply(_counted("unknown", _NOT_FOUND))
        elif link.kind == "short":
            self._click(request, link, reply)
        else:
            wishes = (link.language.encode(), request.headers.get(b"accept-language", b""))
            language = next(filter(None, map(asked_for, wishes)), None) or of_country(link.country)
            if request.method == b"POST" and pages.PRESSED in request.body.split(b"&"):
                self._await(self._opt_out(link, language, reply), reply)
            else:
                reply(_counted("opened", _ASK[language]))

    def _click(self, request: Request, link: Link, reply: Reply) -> None:
        at = now()
        if request.method == b"POST":
            reply(_counted("refused", _NO_FORM))
        elif link.expires_at is not None and link.expires_at <= at:
            reply(_counted("expired", _GONE))
        else:
            headers = request.headers
            reason = reason_of("HEAD" if request.method == b"HEAD" else "GET", headers)
            if reason is not None:
                metrics.MACHINES.labels(reason).inc()
            agent = headers.get(b"user-agent", b"")
            self._clicks.record(link, reason, agent, at, partial(_redirect, link.location or b"", reply))

    async def _opt_out(self, link: Link, language: str, reply: Reply) -> None:
        at = now()
        await self._stream.publish(_opted_out(link, at), id=_name_of_press(link, at))
        fault_point("link.optout_published")
        reply(_counted("opted_out", _DONE[language]))

    def _await(self, answering: Coroutine[Any, Any, None], reply: Reply) -> None:
        task = asyncio.get_running_loop().create_task(_answered(answering, reply))
        self._later.add(task)
        task.add_done_callback(self._later.discard)


async def _answered(answering: Coroutine[Any, Any, None], reply: Reply) -> None:
    try:
        await answering
    except Exception as error:  # noqa: BLE001 - whatever is down, the visitor gets a page
        log.warning("visit could not be answered", error=repr(error))
        reply(_counted("failed", _TRY_AGAIN))


def _redirect(location: bytes, reply: Reply, recorded: bool) -> None:  # noqa: FBT001 - what a joiner tells
    reply(_found(location) if recorded else _TRY_AGAIN)


@lru_cache(maxsize=10_000)
def _found(location: bytes) -> Answer:
    return answer(302, [(b"location", location), (b"cache-control", b"no-store")])


def _opted_out(link: Link, at: datetime) -> OptedOut:
    return OptedOut(
        account_id=link.account_id,
        campaign_id=link.campaign_id,
        seq=link.seq,
        variant=link.variant,
        domain_id=link.domain_id,
        at=at,
    )


def _name_of_press(link: Link, at: datetime) -> str:
    """A press repeated at once is the same event; one after the person came back (START) must count anew."""
    return f"{link.campaign_id}:{link.seq}:optout:{at:%Y-%m-%dT%H:%M}"

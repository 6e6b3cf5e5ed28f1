"""Opening links: every host is reached at one address, and the page's form is filled in as a person would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from volley_tools.simulator.visitors import Visitor

NO_ANSWER = 0
"""The status of a request that was not answered (whether it was carried out is not known) or could not be made."""


@dataclass
class Form:
    """The first form of a page: where its fields go."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is NO_ANSWER if nothing did."""

    status: int
    body: str = ""

    @property
    def good(self) -> bool:
        """It worked: 2xx or 3xx."""
        return 200 <= self.status < 400


class Browser:
    """Requests to the hosts that links name, sent to `address` (host:port) whatever the name."""

    def __init__(self) -> None:
        self._client = ClientSession(
            connector=TCPConnector(limit=64), cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=10)
        )

    async def open(self, url: str, address: str, visitor: Visitor, *, fields: dict[str, str] | None = None) -> Answer:
        """GET (or the visitor's own method), or POST of `fields`; redirects are not followed."""
        parts = urlsplit(url)
        target = URL(f"http://{address}{parts.path or '/'}{'?' + parts.query if parts.query else ''}", encoded=True)
        method = visitor.method if fields is None else "POST"
        headers = {**visitor.headers, "Host": parts.netloc}
        try:
            async with self._client.request(
                method, target, headers=headers, data=fields, allow_redirects=False
            ) as answer:
                body = await answer.text(errors="replace") if answer.content_type == "text/html" else ""
                return Answer(answer.status, body)
        except (ClientError, TimeoutError):
            return Answer(NO_ANSWER)

    async def press_button(self, url: str, address: str, visitor: Visitor) -> Answer:
        """Open a page and send its form; the page's own answer if that is bad, NO_ANSWER if it has no such form."""
        page = await self.open(url, address, visitor)
        if not page.good:
            return page
        form = form_of(page.body)
        if form is None or form.method != "post":
            return Answer(NO_ANSWER)
        return await self.open(urljoin(url, form.action), address, visitor, fields=form.fields)

    async def close(self) -> None:
        await self._client.close()


def form_of(page: str) -> Form | None:
    """The first form of a page, filled in as it stands, its first button pressed."""
    reader = _FormReader()
    reader.feed(page)
    return reader.form


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None
        self._inside = self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form = Form(values.get("action", ""), values.get("method", "get").lower())
            self._inside = True
        elif tag in {"input", "button"} and self._inside and self.form is not None:
            button = values.get("type", "submit" if tag == "button" else "text") == "submit"
            unticked = values.get("type") in {"checkbox", "radio"} and "checked" not in values
            if values.get("name") and not unticked and not (button and self._pressed):
                self.form.fields[values["name"]] = values.get("value", "")
            self._pressed = self._pressed or button

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

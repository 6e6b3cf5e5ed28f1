"""Who opens links: what their requests look like. Made after what phones, messaging apps and scanners send."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from volley_tools.simulator.chance import roll


@dataclass(frozen=True)
class Visitor:
    """One kind of client; `name` is what the ledger calls it."""

    name: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)


_BROWSER: Final = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.9",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Upgrade-Insecure-Requests": "1",
}


def _browser(name: str, agent: str) -> Visitor:
    return Visitor(name, headers={"User-Agent": agent, **_BROWSER})


PEOPLE: Final = (
    _browser(
        "iphone",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/17.5 Mobile/15E148 Safari/604.1",
    ),
    _browser(
        "android",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/126.0.0.0 Mobile Safari/537.36",
    ),
    _browser(
        "samsung",
        "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko)"
        " SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    ),
    _browser("firefox", "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"),
)

PREVIEWS: Final = (
    Visitor("whatsapp", headers={"User-Agent": "WhatsApp/2.24.13.80 A", "Accept": "*/*"}),
    Visitor(
        "slack",
        headers={"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Range": "bytes=0-32768"},
    ),
    Visitor(
        "imessage",
        headers={
            "User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko)"
            " Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
        },
    ),
    Visitor(
        "facebook",
        headers={
            "User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Range": "bytes=0-524287",
        },
    ),
    Visitor("telegram", headers={"User-Agent": "TelegramBot (like TwitterBot)"}),
)

SCANNERS: Final = (
    Visitor("head", "HEAD", {"User-Agent": PEOPLE[1].headers["User-Agent"]}),
    Visitor("curl", headers={"User-Agent": "curl/8.5.0", "Accept": "*/*"}),
    Visitor("library", headers={"User-Agent": "python-requests/2.32.3", "Accept": "*/*", "Via": "1.1 scan-gw-14"}),
    Visitor(
        "headless",
        headers={
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " HeadlessChrome/124.0.0.0 Safari/537.36"
        },
    ),
    Visitor("nameless", headers={"User-Agent": ""}),
    Visitor(
        "mail-gateway",
        headers={
            "User-Agent": "Mozilla/5.0 (compatible; SecurityScanner/3.1; +https://scanner.example/about)",
            "Via": "1.1 mx-gateway",
            "Purpose": "prefetch",
        },
    ),
)


def one_of(visitors: Sequence[Visitor], seed: int, number: str) -> Visitor:
    """Always the same for a number, unless the seed is 0."""
    return visitors[roll(seed, "visitor", number) % len(visitors)]

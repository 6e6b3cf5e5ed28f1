"""People count as people, machines as machines, each with its reason."""

import hashlib

import pytest

from volley_contracts import BotReason
from volley_visitors import MAX_AGENT, RULES, reason_again, reason_of, rules

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"

PEOPLE = [
    IPHONE,
    f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME}",
    f"Mozilla/5.0 (Linux; Android 9; CUBOT_X19) {CHROME}",
    f"Mozilla/5.0 (Linux; Android 9; CUBOT X19) {CHROME}",
    "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Edg/126.0",
    f"{IPHONE} [FBAN/FBIOS;FBAV/470.0.0.37.105;FBDV/iPhone15,2]",
    f"{IPHONE} Instagram 335.0.0.27.93",
    f"{IPHONE} GSA/320.0",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/190.294; U; en) Presto/2.5.25 Version/10.54",
    f"Mozilla/5.0 (Linux; Android 13; SM-S911B) {CHROME} Line/14.9.0",
]
MACHINES: list[tuple[str, BotReason]] = [
    ("WhatsApp/2.24.13.80 A", "link_preview"),
    ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "link_preview"),
    (
        "Mozilla/5.0 (Macintosh) Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "link_preview",
    ),  # iMessage
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "link_preview"),
    ("TelegramBot (like TwitterBot)", "link_preview"),
    ("Twitterbot/1.0", "link_preview"),
    ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "link_preview"),
    ("Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5", "link_preview"),
    ("Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)", "link_preview"),
    ("LinkedInBot/1.0 (compatible; Mozilla/5.0)", "link_preview"),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "scanner"),
    ("curl/8.5.0", "scanner"),
    ("Wget/1.21", "scanner"),
    ("python-requests/2.32.3", "scanner"),
    ("Python/3.11 aiohttp/3.14.5", "scanner"),
    ("Go-http-client/2.0", "scanner"),
    ("okhttp/4.12.0", "scanner"),
    ("Apache-HttpClient/4.5.14 (Java/17)", "scanner"),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0 Safari/537.36",
        "scanner",
    ),
    ("Mozilla/5.0 (compatible; Barracuda Sentinel)", "scanner"),
    ("Proofpoint URL Defense", "scanner"),
    ("Mozilla/5.0 (compatible; SecurityScanner/3.1)", "scanner"),
    ("", "no_user_agent"),
    ("   ", "no_user_agent"),
]


def of(agent: str, method: str = "GET", **headers: bytes) -> BotReason | None:
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return reason_of(method, {b"user-agent": agent.encode(), **named})


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_is_a_person(agent: str) -> None:
    assert of(agent) is None


@pytest.mark.parametrize(("agent", "reason"), MACHINES)
def test_a_machine_has_its_reason(agent: str, reason: BotReason) -> None:
    assert of(agent) == reason


def test_a_head_request_is_no_visit_of_a_person() -> None:
    assert of(IPHONE, "HEAD") == "head_request"


@pytest.mark.parametrize(
    "headers",
    [
        {"purpose": b"prefetch"},
        {"sec_purpose": b"prefetch;prerender"},
        {"sec_purpose": b"Prefetch"},
        {"x_moz": b"prefetch"},
        {"x_purpose": b"preview"},
    ],
)
def test_a_prefetch_is_no_visit_of_a_person(headers: dict[str, bytes]) -> None:
    assert of(IPHONE, **headers) == "prefetch"


def test_no_header_at_all_and_any_bytes_are_harmless() -> None:
    assert reason_of("GET", {}) == "no_user_agent"
    assert reason_of("GET", {b"user-agent": bytes(range(128, 256))}) is None


def test_only_what_is_kept_of_a_user_agent_is_looked_at() -> None:
    assert of("Mozilla/5.0 ".ljust(MAX_AGENT) + "curl") is None


@pytest.mark.parametrize(("agent", "reason"), [*MACHINES, *((agent, None) for agent in PEOPLE)])
def test_a_kept_click_is_judged_as_if_it_came_today(agent: str, reason: BotReason | None) -> None:
    assert reason_again(None, agent) == reason_again("scanner", agent) == reason


def test_what_only_the_request_said_is_not_judged_again() -> None:
    assert reason_again("head_request", IPHONE) == "head_request"
    assert reason_again("prefetch", "curl/8") == "prefetch"


def test_rules_that_change_have_a_new_version() -> None:
    """Raise RULES with every change, and put the new pair here."""
    patterns = "\n".join((rules._PREVIEWS.pattern, rules._SCANNERS.pattern, *map(str, rules._PURPOSES)))
    assert (RULES, hashlib.sha256(patterns.encode()).hexdigest()[:12]) == (1, "2bc6efc195de")

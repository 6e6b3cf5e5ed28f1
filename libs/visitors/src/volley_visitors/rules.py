"""The rules: which visits are a machine's, and why. The raw user agents are kept elsewhere.

A link preview is fetched by the messenger or the social network that shows the link, a scanner by security products,
crawlers and tools, a prefetch by a browser that guesses what its user will open next.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from volley_contracts import BotReason

RULES = 1
"""The version of the rules, 1 and up; it stands beside every judgement. Raise it with every change of them. What was
judged before there were versions has 0."""

MAX_AGENT = 300
"""Bytes of a user agent that are looked at, and kept."""

_PREVIEW_WORDS = (
    "whatsapp|telegrambot|discordbot|twitterbot|linkedinbot|redditbot|applebot|imessagebot|linkpresentation",
    "facebookexternalhit|facebookcatalog|facebot|meta-external(?:agent|fetcher)",
    "slackbot|slack-imgproxy|skypeuripreview|skypespaces|teamsbot|microsoftpreview",
    "google-pagerenderer|google ?messages|googleimageproxy|com[.]google[.]android[.]apps[.]messaging",
    "pinterestbot|snap url preview|snapchatexternal|line-poker|linespider|viberbot|zalobot|vkshare",
    "kakaotalk-scrap|wechat-?preview|signal-?preview|mastodon|bluesky",
    "iframely|embedly|opengraph|metainspector|unfurl|(?:link|url) ?preview",
)
_SCANNER_WORDS = (
    # a Cubot is a phone
    r"(?<!cu)bots?\b|crawl|spider|slurp|scanner|probe|monitor|checker|validator|fetcher|archiver",
    "headless|phantomjs|selenium|puppeteer|playwright|webdriver|cypress",
    r"^(?:curl|wget|python|java|ruby|perl|php|lua|rust|node|deno|bun|dart|axios|got|undici)\b",
    "go-http-client|okhttp|python-|aiohttp|httpx|urllib|libwww|lwp::|httpclient|winhttp|node-fetch|guzzle",
    "trend ?micro|faraday|httpie|postman|insomnia|restsharp|cfnetwork(?!.*(?:safari|mobile))",
    "proofpoint|mimecast|barracuda|forcepoint|zscaler|forti(?:guard|net|gate)|symantec|messagelabs",
    r"sophos|mcafee|kaspersky|bitdefender|\beset\b|f-secure|check ?point|palo ?alto|cortex-xpanse|\bcisco\b",
    "safelinks|microsoft office|ms-?office|urldefense|virustotal|urlscan|phish|netcraft|safebrowsing|webroot",
    "cloudmark|adaptivemobile|trustwave|bluecoat|websense|lookout|zimperium|censys|shodan|zgrab|nmap|nuclei",
    "nikto|sqlmap|masscan|wpscan|uptime|pingdom|datadog|newrelic|statuscake|site24x7",
    "bingpreview|google-safety|google-read-aloud|googleother|mediapartners|apis-google",
)
_PURPOSES = (b"purpose", b"sec-purpose", b"x-purpose", b"x-moz")
_PREVIEWS = re.compile("|".join(_PREVIEW_WORDS))
_SCANNERS = re.compile("|".join(_SCANNER_WORDS))


def reason_of(method: str, headers: Mapping[bytes, bytes]) -> BotReason | None:
    """Why a request counts as a machine's; None for a person's. Header names are in lower case."""
    if method == "HEAD":
        return "head_request"
    if is_prefetch(headers):
        return "prefetch"
    return _agent_reason(headers.get(b"user-agent", b"")[:MAX_AGENT])


def reason_again(recorded: BotReason | None, agent: str) -> BotReason | None:
    """What today's rules say of a visit that was recorded with its reason and its user agent.

    What the request itself said (its method, its headers) was not kept but as the reason, and stays.
    """
    if recorded in {"head_request", "prefetch"}:
        return recorded
    return _agent_reason(agent.encode("latin-1", "replace")[:MAX_AGENT])


@lru_cache(maxsize=10_000)  # the patterns take some 40 us; user agents repeat
def _agent_reason(raw: bytes) -> BotReason | None:
    agent = raw.strip().lower().decode("latin-1")
    if not agent:
        return "no_user_agent"
    if _PREVIEWS.search(agent):
        return "link_preview"
    if _SCANNERS.search(agent):
        return "scanner"
    return None


def is_prefetch(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser says that nobody has opened the page yet."""
    if headers.keys().isdisjoint(_PURPOSES):  # nearly always
        return False
    said = [headers[name].lower() for name in _PURPOSES if name in headers]
    return any(word in each for each in said for word in (b"prefetch", b"preview", b"prerender"))

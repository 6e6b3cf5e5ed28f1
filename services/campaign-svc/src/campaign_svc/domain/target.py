"""Where the short links of a campaign lead: target URLs with their placeholders, and the UTM parameters they get."""

import re
import unicodedata
from urllib.parse import urlencode, urlsplit

import msgspec

_FRAGMENT = re.compile(r"#(?![^{]*\}\})")
"""Not the one in a placeholder's fallback."""

_WHOLE_HOST = re.compile(r"\w+://[^/?#]+[/?#]")

# Letters of all alphabets: a host may be an international name.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])?\.?|\d{1,3}(?:\.\d{1,3}){3}")


class Utm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters that web analytics read, added to target URLs as utm_source, utm_medium and utm_campaign."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None

    @property
    def parameters(self) -> dict[str, str]:
        return {f"utm_{name}": value for name, value in msgspec.structs.asdict(self).items() if value}


class FurtherLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link beside the one of `target_url`: texts call it `{{ short_url.name }}`."""

    name: str
    target_url: str


def with_utm(url: str, utm: Utm | None) -> str:
    """The URL with the parameters behind its others."""
    if utm is None or not utm.parameters:
        return url
    cut = _FRAGMENT.search(url)
    end = cut.start() if cut else len(url)
    sign = "?" if "?" not in url[:end] else "" if url[:end].endswith(("?", "&")) else "&"
    return f"{url[:end]}{sign}{urlencode(utm.parameters)}{url[end:]}"


def what_is_wrong(literals: tuple[str, ...]) -> tuple[str, str] | None:
    """Of a URL without its placeholders: what is wrong, and the fix. The host must be the same for everybody."""
    url = "".join(literals)
    if any(char.isspace() or unicodedata.category(char) == "Cc" for char in url):
        return "contains a blank or control character", "encode blanks as %20"
    if len(literals) > 1 and not _WHOLE_HOST.match(literals[0]):
        return (
            "has a placeholder in its host",
            "put it behind the host, as in https://shop.example/{{ code }}",
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or not _HOST.fullmatch(host):
        return "is no web address", "give a full URL such as https://shop.example/sale"
    return None

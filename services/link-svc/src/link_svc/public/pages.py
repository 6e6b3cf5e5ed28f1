"""The pages that people see: complete without scripts, cookies or anything from elsewhere."""

import base64
import hashlib

from link_svc.public.languages import ENGLISH, RIGHT_TO_LEFT, WORDS, Words

_STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}"
    "main{max-width:32rem;margin:12vh auto 0;padding:0 1.5rem}"
    "h1{font-size:1.5rem;line-height:1.25}"
    "button{font:inherit;font-weight:600;color:#fff;background:#0b5394;border:0;border-radius:.5rem;"
    "padding:.875rem 1.5rem;min-height:3rem;width:100%;cursor:pointer}"
    "button:hover{background:#083d6e}"
    "button:focus-visible{outline:3px solid #b45309;outline-offset:3px}"
    "@media(prefers-color-scheme:dark){body{color:#f2f2f2;background:#121212}"
    "button{background:#8ec7ff;color:#0a1a2a}button:hover{background:#b3d9ff}"
    "button:focus-visible{outline-color:#ffb454}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: list[tuple[bytes, bytes]] = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'".encode(),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
]


def _page(title: str, body: str, language: str = ENGLISH) -> bytes:
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    return (
        f'<!doctype html>\n<html lang="{language}"{direction}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    ).encode()


PRESSED = b"stop=yes"
"""What the form sends. Scanners that post to whatever they find do not fill it in."""


# The form has no action: it posts to the address of the page itself.
def _ask(language: str, words: Words) -> bytes:
    return _page(
        words.question,
        f"<p>{words.press}</p>\n"
        f'<form method="post"><button type="submit" name="stop" value="yes">{words.button}</button></form>\n'
        f"<p>{words.otherwise}</p>",
        language,
    )


ASK = {language: _ask(language, words) for language, words in WORDS.items()}
DONE = {
    language: _page(words.done, f'<p role="status">{words.recorded}</p>', language) for language, words in WORDS.items()
}
NOT_FOUND = _page("Page not found", "<p>This link is not complete, or it does not exist.</p>")
GONE = _page("This link has expired", "<p>It worked for a while, and that time is over.</p>")
NOT_ALLOWED = _page("This does not work here", "<p>Open the link in a browser.</p>")
TRY_AGAIN = _page("Please try again", "<p>Something is not working here right now. Try again in a minute.</p>")

"""What the rules of moderation look for: terms, lures, brands, shorteners, opt-out words. Data only."""

import re
from typing import Final, Literal

Verdict = Literal["pass", "review", "reject"]

BANNED: Final[dict[str, tuple[Verdict, tuple[str, ...]]]] = {
    "drugs": (
        "reject",
        ("cocaine", "heroin", "crystal meth", "methamphetamine", "mdma", "ecstasy pills", "fentanyl", "oxycodone"),
    ),
    "weapons": ("reject", ("ghost gun", "untraceable gun", "illegal firearms", "silencer for sale")),
    "forgery": ("reject", ("fake passport", "counterfeit", "fake id card", "stolen credit cards", "cloned cards")),
    "hate": ("reject", ("white power", "heil hitler", "ethnic cleansing")),
    "investment_fraud": (
        "reject",
        ("double your bitcoin", "double your money", "guaranteed returns", "risk free profit"),
    ),
    "adult": ("review", ("porn", "xxx", "escort service", "sex chat", "nude", "nudes", "onlyfans")),
    "gambling": ("review", ("casino", "free spins", "jackpot", "sports betting", "slot machine", "poker bonus")),
    "lending": ("review", ("payday loan", "payday loans", "instant loan", "debt relief", "no credit check")),
    "crypto": ("review", ("bitcoin", "crypto airdrop", "initial coin offering", "forex signals")),
    "tobacco": ("review", ("vape juice", "cheap cigarettes", "cbd oil", "cannabis", "marijuana")),
}
"""Terms by category with the verdict that one of them brings."""

_ACCOUNT = r"(?:account|password|passcode|identity|card|bank|login|log-in|sign-in|billing|pin|wallet|credentials)"
LURES: Final[tuple[tuple[str, re.Pattern[str], Verdict, str], ...]] = (
    (
        "credential_lure",
        re.compile(rf"\b(?:verify|confirm|update|validate|unlock|restore|reactivate)\b[^.!?\n]{{0,40}}\b{_ACCOUNT}\b"),
        "reject",
        "asks for account or payment details behind a link",
    ),
    (
        "credential_lure",
        re.compile(
            rf"\b{_ACCOUNT}\b[^.!?\n]{{0,20}}\b(?:suspended|locked|blocked|limited|on hold|disabled|compromised)\b"
        ),
        "reject",
        "claims that an account is blocked, and gives a link",
    ),
    (
        "payment_lure",
        re.compile(r"\b(?:unpaid|overdue|outstanding)\b[^.!?\n]{0,20}\b(?:toll|fee|fees|customs|fine|invoice|duty)\b"),
        "review",
        "demands a payment behind a link",
    ),
    (
        "payment_lure",
        re.compile(
            r"\b(?:parcel|package|delivery|shipment)\b[^.!?\n]{0,30}\b(?:held|on hold|failed|customs|redeliver)"
        ),
        "review",
        "tells of a parcel that waits behind a link",
    ),
    (
        "prize_lure",
        re.compile(r"\b(?:you(?: have|['\u2019]ve)? won|claim your (?:prize|reward|refund)|tax refund)\b"),
        "review",
        "promises a prize or refund behind a link",
    ),
)
"""(rule, pattern over the lower-case text, verdict where the text has a link, reason)."""

BRANDS: Final[dict[str, tuple[str, ...]]] = {
    "amazon": (
        "amazon.com",
        "amazon.co.uk",
        "amazon.de",
        "amazon.fr",
        "amazon.es",
        "amazon.it",
        "amazon.ca",
        "amzn.to",
    ),
    "apple": ("apple.com",),
    "bankofamerica": ("bankofamerica.com",),
    "barclays": ("barclays.co.uk", "barclays.com"),
    "chase": ("chase.com",),
    "coinbase": ("coinbase.com",),
    "deutschebank": ("deutschebank.com",),
    "dhl": ("dhl.com", "dhl.de"),
    "facebook": ("facebook.com",),
    "fedex": ("fedex.com",),
    "google": ("google.com",),
    "icloud": ("icloud.com",),
    "instagram": ("instagram.com",),
    "microsoft": ("microsoft.com",),
    "netflix": ("netflix.com",),
    "paypal": ("paypal.com", "paypal.me"),
    "usps": ("usps.com",),
    "wellsfargo": ("wellsfargo.com",),
    "whatsapp": ("whatsapp.com", "wa.me"),
}
"""Brands that phishing likes, and the domains that are really theirs."""

SECOND_LEVELS: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""What stands before a country's top-level domain where that takes no names itself, as in co.uk."""

SHORTENERS: Final = frozenset(
    {
        "adf.ly",
        "bit.do",
        "bit.ly",
        "bitly.com",
        "buff.ly",
        "cutt.ly",
        "dub.sh",
        "goo.gl",
        "is.gd",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "s.id",
        "short.io",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "v.gd",
    }
)
"""Public shorteners hide where a link leads, and carriers block them."""

OPT_OUT_WORDS: Final = re.compile(
    r"\b(?:stopp?|unsubscribe|opt[ -]?out|abmelden|abbestellen|baja|arr[eê]t|desuscribir|cancelar|annulla|afmelden)\b"
)

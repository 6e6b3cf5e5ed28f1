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

_TELLS_TO_SEND = (
    "reply|text|txt|send|sms|answer|respond|antworten|antwort|sende|senden|schreib|envoyez|envoyer|répondez|répondre|"
    "envía|envia|enviar|responde|responda|manda|invia|rispondi|scrivi|stuur|antwoord|svara|svar|skicka|wyślij|odpisz|"
    "отправьте|ответьте|пришлите|надішліть|gönder|lähetä|vastaa"
)
OPT_OUT: Final = re.compile(
    rf"\b(?:{_TELLS_TO_SEND})\b[^.!?\n]{{0,20}}\b(?:stopp?|stoppen|стоп|baja|parar|sair|ret|dur|lopeta|koniec)\b"
    r"|\bstopp?\b\s*(?:[:=\u2192>-]|(?:to|2|at|an|au|al|a|para|pour|per|om|naar|til|till|na|на)\s+\+?\d)"
    r"|\bstopp?\s+(?:2|to)\s+(?:end|stop|quit|opt|cancel|unsub)"
    r"|\b(?:unsubscribe|opt[ -]?out|abmelden|abbestellen|se d[ée]sabonner|d[ée]sinscri\w+|desuscribir\w*|darse de baja|"
    r"cancelar|annulla|disiscri\w+|afmelden|uitschrijven|avregistrera\w*|avsluta|afmeld|wypisz|rezygn\w+|"
    r"отписаться|відписатися|διακοπη|iptal)\b"
    r"|退订|退訂|配信停止|수신거부|إلغاء|הסר"
)
"""What tells people how to opt out, in a lower-case text. A word alone is not enough: think of "stop by our shop"."""
OPT_OUT_CAPITALS: Final = re.compile(
    r"\b(?:STOPP?|СТОП|BAJA|PARAR|SAIR|ARR[EÊ]T|CANCELAR|ANNULLA)\b(?!\s+(?:[A-Z]{2,}|by|in|at|over)\b)"
)
"""The same where the word to send stands out in capitals, and not as a part of a sentence in capitals."""

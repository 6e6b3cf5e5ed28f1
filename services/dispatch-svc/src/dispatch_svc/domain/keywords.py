"""The words by which people stop, ask for help, and start again. The whole text must be one of them.

Case, accents, punctuation and space around and between do not matter: "Stop!", "ARRÊT", "stop all".
"""

import unicodedata
from typing import Literal

Keyword = Literal["stop", "help", "start"]

STOP = {
    "en": ("stop", "stopall", "stop all", "unsubscribe", "unsub", "cancel", "end", "quit", "opt out", "optout",
           "revoke", "remove", "remove me", "stop it", "please stop", "stop please"),
    "es": ("parar", "pare", "alto", "baja", "cancelar", "salir"),
    "pt": ("sair", "cancelar", "parar", "pare", "remover"),
    "fr": ("arret", "arreter", "stop sms", "desabonner", "desinscrire", "desinscription"),
    "de": ("stopp", "abmelden", "abbestellen", "aufhoren", "ende"),
    "nl": ("stoppen", "afmelden", "uitschrijven"),
    "it": ("ferma", "fermare", "annulla", "cancella", "disiscrivi", "basta"),
    "pl": ("koniec", "wypisz", "rezygnuje"),
    "sv": ("stoppa", "avsluta", "avregistrera"),
    "da": ("afmeld", "stop nu"),
    "fi": ("lopeta", "peruuta"),
    "tr": ("dur", "iptal", "ret"),
    "ru": ("стоп", "отписаться", "отмена"),
    "uk": ("стоп", "відписатися", "скасувати"),
    "el": ("διακοπη", "σταματα", "στοπ"),
    "ar": ("توقف", "الغاء", "إلغاء", "ايقاف", "إيقاف"),
    "he": ("הסר", "עצור"),
    "hi": ("रोकें", "बंद"),
    "zh": ("停止", "退订", "退訂", "取消"),
    "ja": ("停止", "配信停止", "ストップ"),
    "ko": ("중지", "수신거부", "정지"),
}  # fmt: skip
HELP = {
    "en": ("help", "info"),
    "es": ("ayuda", "informacion"),
    "pt": ("ajuda", "informacao"),
    "fr": ("aide",),
    "de": ("hilfe",),
    "it": ("aiuto",),
    "pl": ("pomoc",),
    "sv": ("hjalp",),
    "tr": ("yardim",),
    "ru": ("помощь",),
    "zh": ("帮助", "幫助"),
}
START = {
    "en": ("start", "unstop", "resume", "subscribe", "yes start"),
    "es": ("iniciar", "alta", "empezar"),
    "pt": ("iniciar", "comecar"),
    "fr": ("demarrer", "commencer", "reprendre"),
    "de": ("starten", "anmelden"),
    "it": ("inizia", "iscrivi"),
    "ru": ("старт",),
    "zh": ("开始", "開始"),
}


def keyword_of(text: str) -> Keyword | None:
    """The keyword that the whole text is, or None."""
    return _WORDS.get(_plain(text))


def _plain(text: str) -> str:
    """Lower case, without accents and punctuation, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = ("" if unicodedata.combining(char) else char if char.isalnum() else " " for char in decomposed)
    return " ".join("".join(kept).replace(_DOTLESS_I, "i").split())


_DOTLESS_I = "\u0131"  # has no decomposition
_TABLES: tuple[tuple[Keyword, dict[str, tuple[str, ...]]], ...] = (("start", START), ("help", HELP), ("stop", STOP))
# Where a word means two things, stopping wins: it is the mistake that does no harm.
_WORDS: dict[str, Keyword] = {
    _plain(word): keyword for keyword, table in _TABLES for words in table.values() for word in words
}

"""The words by which people stop, ask for help, and start again. The whole text must be one of them.

Case, accents, punctuation and space around and between do not matter: "Stop!", "ARRÊT", "stop all".
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

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
    "nl": ("hulp",),
    "it": ("aiuto",),
    "pl": ("pomoc",),
    "sv": ("hjalp",),
    "da": ("hjælp",),
    "fi": ("apua", "ohje"),
    "tr": ("yardim",),
    "ru": ("помощь", "справка"),
    "uk": ("допомога", "довідка"),
    "el": ("βοηθεια",),
    "ar": ("مساعدة",),
    "he": ("עזרה",),
    "hi": ("मदद", "सहायता"),
    "zh": ("帮助", "幫助"),
    "ja": ("ヘルプ",),
    "ko": ("도움말",),
}
START = {
    "en": ("start", "unstop", "resume", "subscribe", "yes start"),
    "es": ("iniciar", "alta", "empezar"),
    "pt": ("iniciar", "comecar"),
    "fr": ("demarrer", "commencer", "reprendre"),
    "de": ("starten", "anmelden"),
    "nl": ("starten", "aanmelden"),
    "it": ("inizia", "iscrivi"),
    "pl": ("wznow", "zapisz"),
    "sv": ("starta", "ateruppta"),
    "da": ("tilmeld",),
    "fi": ("aloita", "jatka"),
    "tr": ("basla", "devam"),
    "ru": ("старт", "подписаться"),
    "uk": ("почати", "підписатися"),
    "el": ("εναρξη",),
    "ar": ("ابدأ", "اشتراك"),
    "he": ("התחל",),
    "hi": ("शुरू",),
    "zh": ("开始", "開始"),
    "ja": ("再開",),
    "ko": ("시작",),
}


INTERNATIONAL = {"stop", "help", "info", "start"}
"""Words that people of every language are told to send: they say nothing of their language."""
LONGEST_WORD = 40


class Word(msgspec.Struct, frozen=True):
    """A word, as people know it, and what it means. `language` (ISO 639) None: of many languages."""

    word: str
    keyword: Keyword
    language: str | None = None


class NoWordError(Exception):
    """What an account gave as a word of its own cannot be one: `number` is its place in the list."""

    def __init__(self, number: int, message: str, fix: str) -> None:
        super().__init__(message)
        self.number, self.message, self.fix = number, message, fix


def built_in() -> Iterator[Word]:
    """Every word of Volley's own, in each of its languages."""
    for keyword, table in _TABLES:
        yield from (Word(word, keyword, language) for language, words in table.items() for word in words)


def known(text: str) -> Word | None:
    """The built-in word that the whole text is, or None."""
    return _WORDS.get(plain(text))


def plain(text: str) -> str:
    """Lower case, without accents and punctuation, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = ("" if unicodedata.combining(char) else char if char.isalnum() else " " for char in decomposed)
    return " ".join("".join(kept).replace(_DOTLESS_I, "i").split())


def check_own(words: Iterable[Word]) -> dict[str, Word]:
    """An account's own words by how they are recognised. NoWordError: one is empty, twice there, or stops already."""
    found: dict[str, Word] = {}
    for number, word in enumerate(words):
        key = plain(word.word)
        if not key or len(key) > LONGEST_WORD:
            raise NoWordError(number, "has no letters, or too many", f"Give 1 to {LONGEST_WORD} letters or digits.")
        if key in found:
            raise NoWordError(number, "is in the list already", "Give it once; case and accents do not matter.")
        if word.keyword != "stop" and (of_ours := _WORDS.get(key)) and of_ours.keyword == "stop":
            raise NoWordError(number, "is a word by which people opt out", "Such a word cannot mean anything else.")
        found[key] = word
    return found


_DOTLESS_I = "\u0131"  # has no decomposition
_TABLES: tuple[tuple[Keyword, dict[str, tuple[str, ...]]], ...] = (("start", START), ("help", HELP), ("stop", STOP))


def _known() -> dict[str, Word]:
    """Where a word means two things, stopping wins: it is the mistake that does no harm."""
    found: dict[str, Word] = {}
    for word in built_in():
        key = plain(word.word)
        there = found.get(key)
        several = key in INTERNATIONAL or (there and there.keyword == word.keyword and there.language != word.language)
        found[key] = Word(word.word, word.keyword, None if several else word.language)
    return found


_WORDS = _known()

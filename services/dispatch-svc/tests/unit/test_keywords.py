import pytest

from dispatch_svc.domain.keywords import HELP, START, STOP, NoWordError, Word, built_in, check_own, known


def keyword_of(text: str) -> str | None:
    word = known(text)
    return word and word.keyword


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP!!!",
        "«stop»",
        "Stop all",
        "stop-all",
        "ARRÊT",
        "arret",
        "Отписаться",
        "退订",
        "\uff33\uff34\uff2f\uff30",
    ],
)
def test_stop_in_any_dress(text: str) -> None:
    assert keyword_of(text) == "stop"


@pytest.mark.parametrize("text", ["", "...", "please don't stop", "stop texting my wife about shoes", "bus stop", "👍"])
def test_other_texts_are_no_keyword(text: str) -> None:
    assert keyword_of(text) is None


def test_help_and_start() -> None:
    assert keyword_of("Help?") == "help"
    assert keyword_of("AYUDA") == "help"
    assert keyword_of("start") == "start"
    assert keyword_of("YARDIM") == "help"
    assert keyword_of("yard\u0131m") == "help"


def test_every_word_of_every_table_is_found() -> None:
    assert {keyword_of(word) for words in STOP.values() for word in words} == {"stop"}
    assert {keyword_of(word) for words in HELP.values() for word in words} == {"help"}
    assert {keyword_of(word) for words in START.values() for word in words} == {"start"}


@pytest.mark.parametrize(
    ("text", "language"),
    [("STOP", None), ("help", None), ("Unsubscribe", "en"), ("ARRÊT", "fr"), ("cancelar", None), ("Abmelden", "de")],
)
def test_a_word_tells_its_language_where_it_is_of_one(text: str, language: str | None) -> None:
    word = known(text)
    assert word
    assert word.language == language


def test_own_words_are_recognised_in_any_dress() -> None:
    assert list(check_own([Word("Tschüss!", "stop", "de"), Word("hallo  da", "start")])) == ["tschuss", "hallo da"]
    assert list(check_own([Word("HELP", "stop")])) == ["help"]


@pytest.mark.parametrize("words", [["..."], ["x" * 41], ["Ja", "já"], ["End"]])
def test_what_can_be_no_own_word(words: list[str]) -> None:
    with pytest.raises(NoWordError) as error:
        check_own([Word(word, "start") for word in words])
    assert error.value.number == len(words) - 1


def test_every_language_has_a_way_to_stop() -> None:
    stopping = {word.language for word in built_in() if word.keyword == "stop"}
    assert {word.language for word in built_in()} == stopping

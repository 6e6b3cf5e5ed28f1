import pytest

from dispatch_svc.domain.keywords import HELP, START, STOP, keyword_of


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

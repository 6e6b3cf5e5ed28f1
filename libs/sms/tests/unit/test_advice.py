"""Advice on characters that force UCS-2."""

# ruff: noqa: RUF001  # typographic characters are what people write

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volley_sms import Cause, parts, simplify, ucs2_causes


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("It’s “here” – now…", 'It\'s "here" - now...'),
        ("a\u00a0b\u202fc\u200bd", "a b cd"),
        ("crêpe à Besançon", "crepe à Besancon"),
        ("Łódź, Kraków, Øresund", "Lodz, Krakow, Øresund"),
        ("e\u0301te\u0301", "été"),
        ("ΑΘΗΝΑ", "AΘHNA"),
        ("½ off™ ¼", "1/2 offTM 1/4"),
        ("ﬁve ２", "five 2"),
        ("`code`", "'code'"),
    ],
)
def test_simplify(text: str, simple: str) -> None:
    assert simplify(text) == simple
    assert parts(simple).encoding == "gsm7"


def test_causes_have_positions_and_replacements() -> None:
    assert ucs2_causes("naïve – ж 👩\u200d💻!") == [
        Cause(2, "ï", "i"),
        Cause(6, "–", "-"),
        Cause(8, "ж", None),
        Cause(10, "👩\u200d💻", None),
    ]
    assert ucs2_causes("plain {text} for 5 €") == []


@given(st.text(max_size=80))
def test_there_is_a_cause_exactly_where_there_is_ucs2(text: str) -> None:
    causes = ucs2_causes(text)
    assert bool([c for c in causes if len(c.text) == 1]) <= (parts(text).encoding == "ucs2")
    assert (parts(text).encoding == "ucs2") <= bool(causes)
    assert all(text.startswith(cause.text, cause.position) for cause in causes)


@given(st.text(max_size=80))
def test_what_is_simplified_is_gsm7_unless_a_cause_has_no_replacement(text: str) -> None:
    hopeless = any(cause.replacement is None for cause in ucs2_causes(text))
    assert (parts(simplify(text)).encoding == "gsm7") == (not hopeless)

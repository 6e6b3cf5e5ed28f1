"""Users' templates: what is accepted, what is refused and where, what a rendered text can contain."""

# ruff: noqa: RUF001  # typographic characters are what people write

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volley_sms import Placeholder, TemplateError, compile_template, field_of_link, link_of_field, of_contacts


def test_renders_values_and_fallbacks() -> None:
    template = compile_template("Hi {{ first_name | there }}, see {{short_url}} – stop: {{  optout_url  }}")
    values = {"first_name": "Zoë", "short_url": "https://a.example/1", "optout_url": "https://b.example/2"}
    assert template.render(values) == "Hi Zoë, see https://a.example/1 – stop: https://b.example/2"
    assert template.render({**values, "first_name": ""}).startswith("Hi there,")
    assert template.render({}) == "Hi there, see  – stop: "
    assert template.fields == {"first_name", "short_url", "optout_url"}
    assert template.placeholders[0] == Placeholder("first_name", "there", 3)


def test_further_short_urls_come_from_the_platform() -> None:
    template = compile_template("{{ short_url.terms }} {{ name }}")
    assert template.render({"short_url.terms": "https://a.example/1", "name": "b.example"}).startswith(
        "https://a.example/1 b. example"
    )
    assert [link_of_field(field) for field in sorted(template.fields)] == [None, "terms"]
    assert of_contacts({*template.fields, "short_url", "number"}) == {"name"}
    assert field_of_link("terms") == "short_url.terms"


def test_missing_names_what_has_neither_value_nor_fallback() -> None:
    template = compile_template("{{ a }}{{ b | x }}{{ c }}{{ a }}{{ d | }}")
    assert template.missing({"c": "3"}) == ["a"]
    assert template.missing({}) == ["a", "c"]


@pytest.mark.parametrize("text", ["", "plain", "one { brace } each", "{ }", "{{ a }}}", "100% {{ a | }}"])
def test_accepts(text: str) -> None:
    template = compile_template(text)
    assert template.render({"a": "x"}) == text.replace("{{ a }}", "x").replace("{{ a | }}", "x")


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("Hi {{ name", 3, "not closed"),
        ("Hi {{ name {{ other }}", 3, "not closed"),
        ("{{ a }} and }} b", 12, "closes nothing"),
        ("a }}", 2, "closes nothing"),
        ("x {{ }}", 2, "empty"),
        ("x {{ | there }}", 2, "empty"),
        ("{{ first name }}", 3, "no field name"),
        ("{{ a.__class__ }}", 3, "no field name"),
        ("{{{ a }}}", 2, "no field name"),
        ("{{ %s }}" % ("n" * 65), 3, "no field name"),
        ("{{ 7*7 }}", 3, "no field name"),
        ("{{ prénom }}", 3, "no field name"),
    ],
)
def test_refuses_with_position_and_fix(text: str, position: int, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(text)
    assert caught.value.position == position
    assert message in caught.value.message
    assert caught.value.fix


def test_values_are_text_and_never_placeholders() -> None:
    template = compile_template("{{ a }}{{ b }}")
    assert template.render({"a": "{{ b }}", "b": "{0.__class__}"}) == "{{ b }}{0.__class__}"


def test_control_characters_of_values_are_taken_out() -> None:
    template = compile_template("[{{ a | none }}]")
    assert template.render({"a": "x\x00\x1b\r\ny\u202e\u200bz\u00a0"}) == "[x\ny\u200bz\u00a0]"
    assert template.render({"a": "\x07"}) == "[none]"


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("evil.example", "evil. example"),
        ("https://evil.example/login", "https: evil. example/login"),
        ("HTTP://t.co/x", "HTTP: t. co/x"),
        ("evil。example", "evil。 example"),
        ("203.0.113.7", "203. 0. 113.7"),
        ("http:/203.0.113.7", "http: 203. 0. 113.7"),
        ("J.R. Smith", "J. R. Smith"),
        ("St. Gallen", "St. Gallen"),
        ("1.5 kg", "1.5 kg"),
        ("10:30", "10:30"),
        ("and/or", "and/or"),
    ],
)
def test_no_link_comes_from_a_contact(value: str, rendered: str) -> None:
    template = compile_template("{{ a }} {{ short_url }}")
    assert template.render({"a": value, "short_url": "https://go.example/1"}) == f"{rendered} https://go.example/1"


def test_a_hostile_template_is_parsed_in_linear_time() -> None:
    assert len(compile_template("{{ a }}" * 50_000).placeholders) == 50_000
    with pytest.raises(TemplateError):
        compile_template("{{" * 500_000)


NO_LINK = st.text(alphabet=st.characters(exclude_characters=":.\u3002\uff0e\uff61"))


@given(st.lists(st.tuples(st.text(alphabet=st.characters(exclude_characters="{}")), NO_LINK), max_size=5))
def test_literals_stay_as_written(pieces: list[tuple[str, str]]) -> None:
    source = "".join(f"{literal}{{{{ f{i} }}}}" for i, (literal, _) in enumerate(pieces))
    values = {f"f{i}": value for i, (_, value) in enumerate(pieces)}
    template = compile_template(source)
    assert template.literals == (*[literal for literal, _ in pieces], "")
    printable = {name: value for name, value in values.items() if value.isprintable()}
    expected = "".join(literal + printable.get(f"f{i}", "") for i, (literal, _) in enumerate(pieces))
    assert template.render(printable) == expected

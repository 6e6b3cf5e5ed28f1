"""The committed examples: whatever was published once can be read for ever, by us and by the schemas' readers."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from volley_contracts import DECLARED, UndecodableError, decode, encode, key_of

HERE = Path(__file__).parents[2]
EXAMPLES = sorted((HERE / "examples").glob("*/*.json"))
SHORT = {
    "fields",
    "values",
    "waiting_campaigns",
    "campaigns",
    "tags",
    "short_domains",
}  # `values` is empty where the texts use no field


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_event_has_an_example_and_a_schema() -> None:
    assert {path.parent.name for path in EXAMPLES} == set(DECLARED)
    assert {path.stem for path in (HERE / "schemas").glob("*.json")} == set(DECLARED)


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_an_example_decodes_and_nothing_of_it_is_lost(path: Path) -> None:
    value = path.read_bytes()
    event = decode(path.parent.name, value)
    again = encode(event)
    assert decode(path.parent.name, again) == event
    assert contains(json.loads(again), json.loads(value)), "fields that came later may be added; none may change"
    assert b"None" not in key_of(event)


def contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_an_example_follows_its_schema(path: Path) -> None:
    schema = json.loads((HERE / "schemas" / f"{path.parent.name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_columns_of_an_example_have_equal_lengths(path: Path) -> None:
    example = json.loads(path.read_text("utf-8"))
    recipients = example["recipients"] if "batch_no" in example and "recipients" in example else {}
    for columns in (example, recipients):
        lists = {name: values for name, values in columns.items() if isinstance(values, list) and name not in SHORT}
        assert len({len(values) for values in lists.values()}) <= 1, lists


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_a_value_without_a_required_field_is_undecodable(path: Path) -> None:
    example = json.loads(path.read_text("utf-8"))
    del example["account_id"]
    with pytest.raises(UndecodableError):
        decode(path.parent.name, json.dumps(example).encode())


def test_a_field_from_the_future_is_no_obstacle() -> None:
    path = EXAMPLES[0]
    example = json.loads(path.read_text("utf-8")) | {"from_the_future": 1}
    assert decode(path.parent.name, json.dumps(example).encode()) == decode(path.parent.name, path.read_bytes())

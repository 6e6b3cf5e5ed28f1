"""The table of features names tests that exist, and says of every other feature that it has none yet."""

import ast
import re
from functools import cache

import pytest

from volley_tools.stack.prerequisites import ROOT

NOT_YET = "not yet"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "features.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| feature |")
]
NAMED = sorted({row[-1] for row in ROWS} - {NOT_YET})


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def test_every_row_has_a_feature_and_a_test() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if len(row) != 2 or not row[0]] == []


@pytest.mark.parametrize("named", NAMED)
def test_every_named_test_exists(named: str) -> None:
    match = re.fullmatch(r"`([\w/.-]+/tests/[\w/]+\.py|tests/[\w/]+\.py)::(test_\w+)`", named)
    assert match, f"{named} is not `path/to/test_file.py::test_name`"
    assert match[2] in names_in(match[1])

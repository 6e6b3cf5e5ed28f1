"""Structs as JSON Schema, their docstrings as prose, without the indentation (which Python 3.13 leaves out itself)."""

import inspect
from collections.abc import Sequence
from typing import Any

import msgspec


def schemas(structs: Sequence[type[msgspec.Struct]], ref_template: str) -> tuple[list[Any], dict[str, Any]]:
    """References to the structs in the order given, and the definitions by name."""
    references, definitions = msgspec.json.schema_components(structs, ref_template=ref_template)
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = prose(definition["description"])
    return list(references), definitions


def prose(docstring: str) -> str:
    """Its paragraphs, a line each."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(docstring).split("\n\n"))

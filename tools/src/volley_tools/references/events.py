"""JSON Schemas of the events, and the page of topics."""

from typing import Any

from volley_contracts import DECLARED, TOPICS, Declaration, Topic
from volley_tools.references import structs

DAY = 24 * 3600


def schemas() -> dict[str, dict[str, Any]]:
    """One JSON Schema (2020-12) an event type, by its name."""
    return {name: _schema(declaration) for name, declaration in sorted(DECLARED.items())}


def _schema(declaration: Declaration) -> dict[str, Any]:
    (root,), definitions = structs.schemas([declaration.struct], "#/$defs/{name}")
    name = root["$ref"].rsplit("/", 1)[-1]
    own = definitions.pop(name)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **own, "title": declaration.name}
    return schema | ({"$defs": dict(sorted(definitions.items()))} if definitions else {})


def topics_page() -> str:
    """docs/reference/topics.md."""
    head = [
        "# Topics",
        "",
        "Generated from `libs/contracts`. Records are CloudEvents 1.0 in Kafka's binary mode: `ce_id`, `ce_type`,",
        "`ce_source`, `ce_time` and `traceparent` are headers, the value is JSON. Every event may come more than once,",
        "with the same `ce_id`. Public topics are for other services; the rest carry Volley's own traffic and may",
        "change faster. What a consumer cannot decode or handle goes to `<topic>.dead`, with the reason in",
        "`dead_reason`.",
        "",
        "| topic | key | partitions | kept | producer | consumers | public |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = [_row(topic) for topic in TOPICS]
    return "\n".join([*head, *rows, *(line for topic in TOPICS for line in _section(topic))]) + "\n"


def _row(topic: Topic) -> str:
    link = f"[{topic.name}](#{topic.name.replace('.', '')})"
    public = "yes" if topic.public else "no"
    cells = [
        link,
        ", ".join(topic.key),
        str(topic.partitions),
        _kept(topic),
        topic.producer,
        ", ".join(topic.consumers),
    ]
    return f"| {' | '.join([*cells, public])} |"


def _kept(topic: Topic) -> str:
    days, hours = topic.retention_s // DAY, topic.retention_s // 3600
    kept = f"{days} days" if days else f"{hours} h"
    return f"{kept}, the last of each key for ever" if topic.compacted else kept


def _section(topic: Topic) -> list[str]:
    lines = ["", f"## {topic.name}", "", topic.about]
    for declaration in (each for each in DECLARED.values() if each.topic is topic):
        schema = _schema(declaration)
        about = " ".join(str(schema.get("description", "")).split())
        required = set(schema.get("required", ()))
        lines += [
            "",
            f"### {declaration.name}",
            "",
            *([about, ""] if about else []),
            "| field | type | |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{name}` | {type_in_words(field)} | {'' if name in required else 'optional'} |"
            for name, field in schema["properties"].items()
        ]
    return lines


def type_in_words(schema: dict[str, Any]) -> str:
    """A schema in a few words: `list of string (uuid)`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(map(type_in_words, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join("null" if value is None else f"`{value}`" for value in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {type_in_words(schema.get('items') or {})}"
    return kind + (f" ({schema['format']})" if "format" in schema else "")

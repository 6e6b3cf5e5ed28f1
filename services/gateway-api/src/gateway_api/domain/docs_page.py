"""The API's description as one HTML page: no scripts, nothing loaded from elsewhere."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from textwrap import dedent
from typing import Any

import msgspec

from gateway_api.domain.route_table import METHODS, PUBLIC

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0b6e4f; }
@media (prefers-color-scheme: dark) { :root { --accent: #58c9a0; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 17rem minmax(0, 56rem); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem; font-size: .875rem;
  border-right: 1px solid var(--line); }
nav h2 { font-size: .75rem; text-transform: uppercase; letter-spacing: .06em; margin: 1.25rem 0 .25rem; }
nav a { display: block; padding: .1rem 0; color: inherit; text-decoration: none; }
nav a:hover, a { color: var(--accent); }
main { padding: 1.5rem 2.5rem 6rem; }
h1 { margin-top: 0; } h2 { margin: 3rem 0 .5rem; } h4 { margin: 1.25rem 0 .25rem; font-size: .9rem; }
code, pre { font: .85em/1.5 ui-monospace, monospace; background: var(--soft); border-radius: 4px; padding: .1em .3em; }
pre { padding: .75rem 1rem; overflow-x: auto; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: 0 1rem; }
details[open] { padding-bottom: 1rem; }
summary { cursor: pointer; padding: .6rem 0; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
summary > span:last-child { margin-left: auto; opacity: .75; font-size: .875rem; }
summary code { background: none; padding: 0; overflow-wrap: anywhere; }
b.method { font: 700 .75rem ui-monospace, monospace; min-width: 3.6rem; text-align: center; border-radius: 4px;
  padding: .15rem .3rem; color: #fff; background: #555; }
b.get { background: #1f6feb; } b.post { background: #1a7f37; } b.put, b.patch { background: #9a6700; }
b.delete { background: #cf222e; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
@media (max-width: 60rem) { body { display: block; } nav { display: none; } main { padding: 1rem; } }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

Json = Mapping[str, Any]


class Page(msgspec.Struct, frozen=True):
    html: str


class Operation(msgspec.Struct, frozen=True):
    method: str
    path: str
    data: Json

    @property
    def anchor(self) -> str:
        return escape(str(self.data["operationId"]))


def render(document: Json) -> Page:
    """The whole page, from an OpenAPI 3.1 document with `x-volley-role` on its operations."""
    groups = _groups(document)
    info = document["info"]
    schemas = document.get("components", {}).get("schemas", {})
    body = [
        f"<nav><strong>{escape(info['title'])}</strong>{''.join(_contents(groups))}",
        '<h2>More</h2><a href="#schemas">Schemas</a><a href="/v1/openapi.json">openapi.json</a>',
        '<a href="/docs/topics">Topics</a></nav>',
        f"<main><h1>{escape(info['title'])}</h1>{text(info.get('description', ''))}",
        *(_group(tag, operations) for tag, operations in groups.items()),
        '<h2 id="schemas">Schemas</h2>',
        *(component(name, schemas[name]) for name in sorted(schemas)),
        "</main>",
    ]
    return page_of(info["title"], "".join(body))


def page_of(title: str, body: str) -> Page:
    """A page with its style."""
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head = f"{meta}<title>{escape(title)}</title><style>{STYLE}</style>"
    return Page(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>')


def _groups(document: Json) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if data := item.get(method.lower()):
                tag = (data.get("tags") or ["Other"])[0]
                groups.setdefault(tag, []).append(Operation(method, path, data))
    return dict(sorted(groups.items()))


def _contents(groups: Mapping[str, list[Operation]]) -> Iterator[str]:
    for tag, operations in groups.items():
        yield f"<h2>{escape(tag)}</h2>"
        for operation in operations:
            yield f'<a href="#{operation.anchor}">{escape(operation.data.get("summary", operation.path))}</a>'


def _group(tag: str, operations: Iterable[Operation]) -> str:
    return f"<section><h2>{escape(tag)}</h2>{''.join(map(_operation, operations))}</section>"


def _operation(operation: Operation) -> str:
    data = operation.data
    role = data["x-volley-role"]
    needs = f"Least role: <code>{escape(role)}</code>." if role != PUBLIC else "No API key; the body is signed."
    summary = (
        f'<b class="method {operation.method.lower()}">{operation.method}</b>'
        f"<code>{escape(operation.path)}</code><span>{escape(data.get('summary', ''))}</span>"
    )
    return (
        f'<details id="{operation.anchor}"><summary>{summary}</summary>{text(data.get("description", ""))}'
        f"<p>{needs}</p>{_parameters(data.get('parameters', []))}{_request(data.get('requestBody'))}"
        f"{_responses(data['responses'])}</details>"
    )


def _parameters(parameters: Iterable[Json]) -> str:
    rows = [
        (
            f"<code>{escape(each['name'])}</code>",
            escape(each["in"]) + (", required" if each.get("required") else ""),
            _type(each.get("schema", {})),
            inline(each.get("description", "")),
        )
        for each in parameters
    ]
    return f"<h4>Parameters</h4>{table(('Name', 'In', 'Type', 'Meaning'), rows)}" if rows else ""


def _request(body: Json | None) -> str:
    if not body:
        return ""
    kinds = "".join(
        f"<p><code>{escape(media)}</code>: {_type(content.get('schema', {}))}</p>"
        for media, content in body["content"].items()
    )
    return f"<h4>Body</h4>{text(body.get('description', ''))}{kinds}"


def _responses(responses: Mapping[str, Json]) -> str:
    rows = []
    for status, response in responses.items():
        if "$ref" in response:
            rows.append((escape(status), "", f"{_reference(response['$ref'])}"))
            continue
        kinds = "<br>".join(_type(content.get("schema", {})) for content in response.get("content", {}).values())
        rows.append((escape(status), kinds, inline(response.get("description", ""))))
    return f"<h4>Answers</h4>{table(('Status', 'Body', 'Meaning'), rows)}"


def component(name: str, schema: Json) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (
            f"<code>{escape(field)}</code>",
            _type(inner) + ("" if field in required else ", optional"),
            inline(inner.get("description", "")),
        )
        for field, inner in schema.get("properties", {}).items()
    ]
    fields = table(("Field", "Type", "Meaning"), rows) if rows else f"<p>{_type(schema)}</p>"
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"{text(schema.get('description', ''))}{fields}</details>"
    )


def _type(schema: Json) -> str:
    """A schema in words."""
    if "$ref" in schema:
        return _reference(schema["$ref"])
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(map(_type, choices))
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return ", ".join(f"<code>{'null' if value is None else escape(str(value))}</code>" for value in values)
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(_type({**schema, "type": each}) for each in kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(kind) + (f" ({escape(schema['format'])})" if "format" in schema else "") + _bounds(schema)


def _bounds(schema: Json) -> str:
    names = ("minimum", "maximum", "minLength", "maxLength")
    bounds = [f"{name} {schema[name]:g}" for name in names if name in schema]
    return f" <small>{escape(', '.join(bounds))}</small>" if bounds else ""


def _reference(ref: str) -> str:
    name = escape(ref.rsplit("/", 1)[-1])
    return f'<a href="#schema-{name}">{name}</a>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def text(source: str) -> str:
    """Paragraphs, with code in backticks; a paragraph that is indented is code."""
    return "".join(
        f"<pre>{escape(dedent(paragraph))}</pre>" if paragraph.startswith("    ") else f"<p>{inline(paragraph)}</p>"
        for paragraph in re.split(r"\n\s*\n", source.strip("\n"))
        if paragraph.strip()
    )


def inline(source: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(source))

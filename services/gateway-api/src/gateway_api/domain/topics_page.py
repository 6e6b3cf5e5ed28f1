"""The topics as one HTML page, from their AsyncAPI document: for whoever follows or commands campaigns by Kafka."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import msgspec

from gateway_api.domain.docs_page import Page, component, page_of, table, text

DAY_MS = 24 * 3_600_000
HOUR_MS = 3_600_000
Json = Mapping[str, Any]


def render(document: Json) -> Page:
    """The whole page: topics that are meant for other services, then Volley's own."""
    channels = document["channels"]
    public = [name for name in channels if channels[name]["x-volley-public"]]
    own = [name for name in channels if name not in public]
    info, schemas = document["info"], document["components"]["schemas"]
    body = [
        f"<nav><strong>{escape(info['title'])}</strong>{_contents('For other services', public)}",
        f"{_contents('Its own', own)}<h2>More</h2>",
        '<a href="#schemas">Schemas</a><a href="/v1/asyncapi.json">asyncapi.json</a><a href="/docs">REST API</a></nav>',
        f"<main><h1>{escape(info['title'])}</h1>{text(info['description'])}",
        *(_channel(name, channels[name], document) for name in (*public, *own)),
        '<h2 id="schemas">Schemas</h2>',
        *(component(name, schemas[name]) for name in sorted(schemas)),
        "</main>",
    ]
    return page_of(info["title"], "".join(body))


def _contents(title: str, names: Iterable[str]) -> str:
    links = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    return f"<h2>{escape(title)}</h2>{links}"


def _channel(name: str, channel: Json, document: Json) -> str:
    kafka = channel["bindings"]["kafka"]
    rows = [
        ("Key", f"<code>{escape(':'.join(channel['x-volley-key']))}</code>"),
        ("Partitions", str(kafka["partitions"])),
        ("Kept", _kept(kafka["topicConfiguration"])),
        ("Written by", escape(channel["x-volley-producer"])),
        ("Read by", escape(", ".join(channel["x-volley-consumers"]))),
        ("Dead letters", f"<code>{escape(channel['x-volley-dead-letters'])}</code>"),
    ]
    messages = "".join(_message(document["components"]["messages"][each]) for each in channel["messages"])
    about = text(channel["description"])
    return f'<section><h2 id="{escape(name)}">{escape(name)}</h2>{about}{table((), rows)}{messages}</section>'


def _kept(topic: Json) -> str:
    if "compact" in topic["cleanup.policy"]:
        return "the last record of each key, for ever"
    kept = topic["retention.ms"]
    return f"{kept // DAY_MS} days" if kept >= DAY_MS else f"{kept // HOUR_MS} h"


def _message(message: Json) -> str:
    schema = message["payload"]["$ref"].rsplit("/", 1)[-1]
    examples = "".join(
        f"<h4>Example: {escape(each['name'])}</h4><pre>"
        f"{escape(msgspec.json.format(msgspec.json.encode(each['payload']), indent=2).decode())}</pre>"
        for each in message["examples"]
    )
    link = f'<a href="#schema-{escape(schema)}">{escape(schema)}</a>'
    return f"<details><summary><code>{escape(message['name'])}</code></summary><p>{link}</p>{examples}</details>"

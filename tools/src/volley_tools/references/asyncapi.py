"""The AsyncAPI 3.0 document: the topic table, the events' schemas and their examples."""

from pathlib import Path
from typing import Any

import msgspec

from volley_contracts import DECLARED, TOPICS, Declaration, Topic
from volley_tools.references import structs
from volley_tools.stack.prerequisites import ROOT

EXAMPLES = ROOT / "libs/contracts/examples"
_HEADERS = {
    "ce_specversion": ("1.0", {"type": "string", "const": "1.0"}),
    "ce_id": ("Names the event: the same when it comes again.", {"type": "string"}),
    "ce_type": ("Which event it is.", {"type": "string"}),
    "ce_source": ("The service that made it, like `/link-svc`.", {"type": "string"}),
    "ce_time": ("When it was made.", {"type": "string", "format": "date-time"}),
    "content-type": ("Always JSON.", {"type": "string", "const": "application/json"}),
    "traceparent": ("W3C trace context, where spans are recorded.", {"type": "string"}),
}


def document() -> dict[str, Any]:
    references, definitions = structs.schemas(
        [declared.struct for declared in DECLARED.values()], "#/components/schemas/{name}"
    )
    payloads = dict(zip(DECLARED, references, strict=True))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Volley's topics",
            "version": "1",
            "description": (
                "CloudEvents 1.0 in Kafka's binary mode, values in JSON. Every event may come more than once, with the "
                "same ce_id. Topics marked x-volley-public are for other services."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {f"publish.{topic.name}": _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {name: _message(DECLARED[name], payload) for name, payload in payloads.items()},
            "schemas": {**dict(sorted(definitions.items())), "CloudEventHeaders": _headers()},
        },
    }


def _of(topic: Topic) -> list[str]:
    return [name for name, declared in DECLARED.items() if declared.topic is topic]


def _channel(topic: Topic) -> dict[str, Any]:
    kept = (
        {"cleanup.policy": ["compact"]}
        if topic.compacted
        else {"cleanup.policy": ["delete"], "retention.ms": topic.retention_s * 1000}
    )
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _of(topic)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": kept,
                "bindingVersion": "0.5.0",
            }
        },
        "x-volley-key": list(topic.key),
        "x-volley-producer": topic.producer,
        "x-volley-consumers": list(topic.consumers),
        "x-volley-public": topic.public,
        "x-volley-dead-letters": topic.dead_letters,
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "summary": f"{topic.producer} publishes.",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _of(topic)],
    }


def _message(declared: Declaration, payload: dict[str, Any]) -> dict[str, Any]:
    key = {"type": "string", "description": ":".join(declared.topic.key)}
    return {
        "name": declared.name,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
        "examples": [
            {"name": path.stem, "payload": msgspec.json.decode(path.read_bytes())}
            for path in sorted(Path(EXAMPLES, declared.name).glob("*.json"))
        ],
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name != "traceparent"],
        "properties": {name: {"description": about, **schema} for name, (about, schema) in _HEADERS.items()},
    }

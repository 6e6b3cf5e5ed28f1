"""The generated reference is what the code says, whole, and hangs together."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from volley_contracts import DECLARED, TOPICS
from volley_tools import reference
from volley_tools.references import asyncapi, events, openapi
from volley_tools.stack.prerequisites import ROOT


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made, missing = reference.files()
    assert missing == []
    return made


@pytest.fixture(scope="module")
def document(pages: dict[str, str]) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(pages["docs/reference/openapi.json"])
    return decoded


def test_what_is_committed_is_current() -> None:
    """In a process of its own: handlers remember what the apps of other tests made of them."""
    command = [sys.executable, "-m", "volley_tools.reference", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_stale_pages_are_found_and_mended(tmp_path: Path) -> None:
    pages = {"libs/contracts/schemas/new.json": "1\n", "docs/a.md": "2\n"}
    old = tmp_path / "libs/contracts/schemas/old.json"
    old.parent.mkdir(parents=True)
    old.write_text("0")
    assert reference.stale(pages, tmp_path) == [
        "docs/a.md",
        "libs/contracts/schemas/new.json",
        "libs/contracts/schemas/old.json",
    ]
    reference.write(pages, tmp_path)
    assert reference.stale(pages, tmp_path) == []
    assert not old.exists()


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def resolve(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def test_every_reference_of_both_documents_leads_somewhere(document: dict[str, Any]) -> None:
    for described in (document, asyncapi.document()):
        found = set(references(described))
        assert found
        for each in found:
            resolve(described, each)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_operation_is_complete(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, _method, operation in operations(document):
        assert path.startswith(openapi.PUBLISHED)
        assert operation["x-volley-service"] in openapi.SERVICES
        assert operation["x-volley-role"] in {"viewer", "operator", "reviewer", "admin", "public"}
        assert operation["summary"]
        assert operation["tags"]
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                assert "application/problem+json" in answer["content"], (path, status)
        if operation["x-volley-role"] == "public":
            assert operation["security"] == []
        else:
            assert {"401", "403", "422", "429", "default"} <= set(operation["responses"])
    assert document["security"] == [{"apiKey": []}]


def test_every_service_is_described(document: dict[str, Any]) -> None:
    assert {operation["x-volley-service"] for *_, operation in operations(document)} == set(openapi.SERVICES)


def test_path_parameters_are_described(document: dict[str, Any]) -> None:
    for path, _method, operation in operations(document):
        named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert named == {segment[1:-1] for segment in path.split("/") if segment.startswith("{")}


def test_names_that_mean_two_things_are_told_apart() -> None:
    described = {
        "paths": {"/v1/a": {"get": {"$ref": "#/components/schemas/Page_x_svc.api.schemas.Thing_"}}},
        "components": {
            "schemas": {
                "Thing": {"type": "string"},
                "Page_x_svc.api.schemas.Thing_": {"items": {"$ref": "#/components/schemas/Thing"}},
            }
        },
    }
    renamed = openapi._renamed(described, {"Thing": {"type": "integer"}}, "link-svc")
    assert renamed["components"]["schemas"] == {
        "LinkThing": {"type": "string"},
        "PageOfThing": {"items": {"$ref": "#/components/schemas/LinkThing"}},
    }
    assert renamed["paths"]["/v1/a"]["get"]["$ref"] == "#/components/schemas/PageOfThing"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/v1/campaigns", "getCampaigns"),
        ("patch", "/v1/campaigns/{campaign_id}", "patchCampaign"),
        ("post", "/v1/campaigns/{campaign_id}/abort", "postCampaignAbort"),
        ("delete", "/v1/api-keys/{key_id}", "deleteApiKey"),
    ],
)
def test_operation_ids(method: str, path: str, expected: str) -> None:
    assert openapi.operation_id(method, path) == expected


def test_every_topic_and_event_is_in_asyncapi_and_on_the_page() -> None:
    described, page = asyncapi.document(), events.topics_page()
    assert set(described["channels"]) == {topic.name for topic in TOPICS}
    assert set(described["components"]["messages"]) == set(DECLARED)
    for name, message in described["components"]["messages"].items():
        assert message["examples"], name
        assert f"### {name}" in page
    for topic in TOPICS:
        assert f"## {topic.name}\n" in page


def test_schemas_are_schemas() -> None:
    for schema in events.schemas().values():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["properties"]

"""The API answers as its description says, to good requests for everything, and to what Schemathesis makes up."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import msgspec

from volley_tools.demo.provider import Provider
from volley_tools.refusals import Answer, Json, Visitor
from volley_tools.stack.supervisor import Stack
from volley_tools.tour import LAST, Tour, everywhere

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
OPTIONS = [
    *("--phases", "fuzzing", "--seed", "1", "--no-shrink"),
    *("--checks", CHECKS, "--rate-limit", "48/s", "--request-timeout", "60"),
    *("--warnings", "off", "--generation-database", "none"),
    *("--report-ndjson-path", "report.ndjson"),
]
KEEPING = ("--max-examples", "7", "--exclude-method", "DELETE", "--exclude-path", "/v1/live")
"""Everything that leaves things there, but for the stream, which never ends."""
REMOVING = ("--max-examples", "3", "--include-method", "DELETE")
"""What takes them away comes last."""
FEWEST_SUCCEED = 60
"""Operations, of more than a hundred, whose made-up requests must get past all checks now and then."""


async def test_everything_succeeds_as_it_is_described(visitor: Visitor, provider: Provider, stack: Stack) -> None:
    """Once though it is sent twice with a key, never where its If-Match is stale; and each write is noted once."""
    document = await visitor.made("GET", "/v1/openapi.json")
    tour = await everywhere(visitor, provider.url, document)
    await tour.go(LAST)
    assert await _noted(tour) == _written(tour)
    assert (await visitor.made("GET", "/v1/audit-log/verification"))["intact"]
    platform = visitor.with_key(stack.bootstrap_key)
    await tour.ask("GET /v1/accounts", by=platform)
    await tour.ask("POST /v1/accounts", {"name": f"another than {visitor.key}"}, by=platform)
    assert [fault for operation, answer in tour.answers for fault in _faults(document, operation, answer)] == []
    assert _operations(document) - {operation for operation, _ in tour.answers} == {"GET /v1/live"}
    tagged = {operation.split(" ")[1] for operation, answer in tour.answers if "etag" in answer.headers}
    edits = {f"{method} {path}" for path in tagged for method in ("PUT", "PATCH", "DELETE")} & _operations(document)
    refused = {operation for operation, answer in tour.answers if answer.status == 412}
    assert edits - refused == set()


async def test_the_api_answers_as_it_is_described(
    visitor: Visitor, provider: Provider, stack: Stack, tmp_path: Path
) -> None:
    """With ids of things that there are, so that requests get past them."""
    document = await visitor.made("GET", "/v1/openapi.json")
    tour = await everywhere(visitor, provider.url, document)
    hooks = Path(__file__).with_name("made_up.py")
    (tmp_path / "schemathesis.toml").write_text(
        "\n".join([f'hooks = "{hooks}"', "[parameters]", *_parameters(tour), ""])
    )
    asked, succeeded = await _fuzz(stack, visitor, tmp_path, *KEEPING)
    sys.stdout.write("\n  ".join(["nothing made up succeeds at:", *sorted(asked - succeeded)]))
    assert len(succeeded) >= FEWEST_SUCCEED, sorted(asked - succeeded)
    removed, _ = await _fuzz(stack, visitor, tmp_path, *REMOVING)
    assert _operations(document) - asked - removed == {"GET /v1/live"}


async def _fuzz(stack: Stack, visitor: Visitor, folder: Path, *which: str) -> tuple[set[str], set[str]]:
    """The operations that were asked for, and those that ever succeeded. All answers are as described."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("st"),
        *("--config-file", "schemathesis.toml", "run", f"{stack.url('gateway-api')}/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {visitor.key}", *OPTIONS, *which),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return _outcome(folder / "report.ndjson")


async def _noted(tour: Tour) -> Counter[tuple[str, int]]:
    """The audit log of the account."""
    entries: list[Json] = []
    after: str | None = ""
    while after is not None:
        page = await tour.admin.made("GET", f"/v1/audit-log?limit=200{after}")
        entries += page["items"]
        after = f"&after={page['next']}" if page["next"] else None
    return Counter((f"{entry['method']} {tour.template(entry['path'])}", entry["status"]) for entry in entries)


def _written(tour: Tour) -> Counter[tuple[str, int]]:
    """What the account was asked to write, and how that was answered. Providers belong to no account."""
    return Counter(
        (operation, answer.status)
        for operation, answer in tour.answers
        if not operation.startswith("GET ") and not operation.startswith("POST /callbacks/")
    )


def _operations(document: Json) -> set[str]:
    methods = {"get", "post", "put", "patch", "delete"}
    return {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in methods & item.keys()}


def _faults(document: Json, operation: str, answer: Answer) -> Iterator[str]:
    """Where a good answer is not what the description says."""
    method, path = operation.split(" ")
    described = document["paths"][path][method.lower()]["responses"].get(str(answer.status))
    if described is None:
        yield f"{operation}: {answer.status} is not described"
    elif answer.kind == "application/json":
        schema = described["content"]["application/json"]["schema"] | {"components": document["components"]}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(answer.body):
            yield f"{operation}: {error.json_path} {error.message}"


def _parameters(tour: Tour) -> Iterator[str]:
    for word, id_ in tour.things.items():
        yield f'"path.{"number" if word == "suppression" else f"{word}_id"}" = "{id_}"'


def _outcome(report: Path) -> tuple[set[str], set[str]]:
    """The operations that were asked for, and those that ever succeeded."""
    scenarios = [
        event["ScenarioFinished"]["recorder"]
        for event in map(msgspec.json.decode, report.read_bytes().splitlines())
        if "ScenarioFinished" in event
    ]
    succeeded = {
        scenario["label"]
        for scenario in scenarios
        for interaction in scenario["interactions"].values()
        if (answer := interaction.get("response")) and answer["status_code"] < 300
    }
    return {scenario["label"] for scenario in scenarios}, succeeded

"""The API answers as its description says, whatever it is asked: a bounded run of Schemathesis over all of it."""

import asyncio
import sys
from pathlib import Path

from volley_tools.refusals import Things, Visitor
from volley_tools.stack.supervisor import Stack

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
LEFT_OUT = (
    "/v1/live",  # it never ends
    "/v1/routes",  # it would have addresses called that nobody knows
    "/v1/routes/{route_id}",
)
OPTIONS = [
    *("--phases", "fuzzing", "--max-examples", "8", "--seed", "1", "--no-shrink"),
    *("--checks", CHECKS, "--rate-limit", "48/s", "--request-timeout", "10"),
    *("--exclude-method", "DELETE", "--warnings", "off", "--generation-database", "none"),
    *(word for path in LEFT_OUT for word in ("--exclude-path", path)),
]


async def test_the_api_answers_as_it_is_described(
    visitor: Visitor, things: Things, stack: Stack, tmp_path: Path
) -> None:
    """With ids of things that there are, so that requests get past them."""
    names = {word: "number" if word == "suppression" else f"{word}_id" for word in things}
    lines = [f'"path.{names[word]}" = "{id_}"' for word, id_ in things.items()]
    settings = tmp_path / "schemathesis.toml"
    settings.write_text("\n".join(["[parameters]", *lines, ""]))
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("st"),
        *("--config-file", settings, "run", f"{stack.url('gateway-api')}/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {visitor.key}", *OPTIONS),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert "generated" in said.decode()

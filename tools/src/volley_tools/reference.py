"""The generated reference: `python -m volley_tools.reference [--check]`.

Writes the gateway's API description (its route table too), the AsyncAPI document (which it serves), the events' JSON
Schemas, and the pages of topics and figures; all of it from the code. `--check` writes nothing and fails where
something committed is stale.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from volley_tools.references import asyncapi, events, figures, openapi
from volley_tools.stack.prerequisites import ROOT


def files() -> tuple[dict[str, str], list[str]]:
    """Text by path below the root, and the services whose API could not be read, each with the reason."""
    document, missing = openapi.document()
    topics = pretty(asyncapi.document())
    pages = {
        "services/gateway-api/src/gateway_api/asyncapi.json": topics,
        "services/gateway-api/src/gateway_api/openapi.json": pretty(document),
        "docs/reference/openapi.json": pretty(document),
        "docs/reference/asyncapi.json": topics,
        "docs/reference/topics.md": events.topics_page(),
        "docs/reference/figures.md": figures.page(),
    }
    for name, schema in events.schemas().items():
        pages[f"libs/contracts/schemas/{name}.json"] = pretty(schema)
    return pages, missing


def pretty(document: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def stale(pages: Mapping[str, str], root: Path) -> list[str]:
    """Paths of files that are not what they should be, and of schemas of events that are no more."""
    wrong = [path for path, text in pages.items() if not _is(root / path, text)]
    kept = {str(path.relative_to(root)) for path in (root / "libs/contracts/schemas").glob("*.json")}
    return sorted([*wrong, *(kept - set(pages))])


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text


def write(pages: Mapping[str, str], root: Path) -> None:
    for path in stale(pages, root):
        if path not in pages:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(pages[path], "utf-8")
        print(f"written: {path}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m volley_tools.reference", description="The generated reference.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is stale")
    arguments = parser.parse_args()
    pages, missing = files()
    for reason in missing:
        print(f"left out: {reason}", file=sys.stderr)
    if not arguments.check:
        write(pages, ROOT)
        return
    wrong = stale(pages, ROOT)
    for path in wrong:
        print(f"stale: {path}: run `make reference`", file=sys.stderr)
    sys.exit(bool(wrong or missing))


if __name__ == "__main__":
    main()

"""The image: built everywhere, from locked packages, with everything that runs in it and nothing else."""

import re
from fnmatch import fnmatch

from volley_tools.stack.prerequisites import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
KEPT = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]


def test_it_needs_no_registry_beside_those_of_its_base_and_its_packages() -> None:
    assert "# syntax" not in DOCKERFILE
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11-slim-[a-z]+", bases.pop())


def test_packages_are_locked_by_hash() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "requirements/runtime.txt" in KEPT


def test_it_runs_as_nobody() -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert user == [("10001", "10001")]
    assert DOCKERFILE.rindex("USER") > DOCKERFILE.rindex("RUN")


def test_all_that_runs_is_sent_to_the_build() -> None:
    packages = [*ROOT.glob("libs/*/src"), *ROOT.glob("services/*/src"), *ROOT.glob("services/*/migrations")]
    assert packages
    for folder in packages:
        path = folder.relative_to(ROOT)
        assert any(fnmatch(str(path), pattern) for pattern in KEPT), path
    assert not any(fnmatch("services/link-svc/tests", pattern) for pattern in KEPT)

"""Writes the lock files of requirements/ anew from what the packages and the *.in files ask for (`make lock`).

Installed with their hashes, whatever registry serves them: the files name none.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[3]
REQUIREMENTS = ROOT / "requirements"
OPTIONS = [
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--custom-compile-command=make lock",
]


def main() -> None:
    packages = sorted([*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")])
    tools = ROOT / "tools" / "pyproject.toml"
    own = [tomllib.loads(package.read_text())["project"]["name"] for package in [*packages, tools]]
    upgrade = sys.argv[1:]  # --upgrade, or --upgrade-package NAME
    _compile("uv.txt", [], own, upgrade)
    _compile("runtime.txt", packages, own, upgrade)
    _compile("dev.txt", [*packages, tools], own, ["-c", "runtime.txt", *upgrade])
    _compile("binaries.txt", [], own, ["-c", "dev.txt", *upgrade])


def _compile(lock: str, packages: Iterable[Path], own: Iterable[str], options: Iterable[str]) -> None:
    print(f"Locking requirements/{lock} ...", flush=True)
    sources = [str(Path(lock).with_suffix(".in")), *(str(package) for package in packages)]
    left_out = [f"--no-emit-package={name}" for name in own]
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", *OPTIONS, *left_out, *options, *sources, "-o", lock]
    subprocess.run(command, cwd=REQUIREMENTS, check=True)
    if found := re.search(r"https?://\S+|file:\S+", (REQUIREMENTS / lock).read_text()):
        sys.exit(f"requirements/{lock} names a place: {found[0]}")


if __name__ == "__main__":
    main()

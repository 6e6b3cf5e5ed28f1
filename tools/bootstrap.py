"""Makes .venv with everything in it: `make setup` runs this with the system's Python, before anything is installed.

Standard library only. What is there already stays, so a second run is quick.
"""

# ruff: noqa: INP001 - a program, not part of a package

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
REQUIREMENTS = ROOT / "requirements"


def main() -> None:
    VENV.mkdir(exist_ok=True)
    with (VENV / ".bootstrap").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two terminals, one set-up
        if not UV.exists():
            say("a virtual environment with uv in .venv (about 10 s)")
            make_venv()
            run(PYTHON, "-m", "pip", "install", "--quiet", *locked("uv.txt"))
        say("Python packages (about 30 s the first time)")
        run(UV, "pip", "install", "--quiet", "--python", PYTHON, *locked("dev.txt"))
        packages = [str(found.parent) for found in sorted(ROOT.glob("*/*/pyproject.toml"))]
        editable = [part for package in [*packages, str(ROOT / "tools")] for part in ("-e", package)]
        own = ["--no-deps", "--no-build-isolation", *editable]
        run(UV, "pip", "install", "--quiet", "--python", PYTHON, *own)
        say("the servers' programs")
        run(PYTHON, "-m", "volley_tools.stack", "setup")
        (VENV / ".stamp").touch()


def make_venv() -> None:
    """A virtual environment; where Debian has cut the module off Python, its package is installed as root."""
    if importlib.util.find_spec("ensurepip") is None:
        install = ["apt-get", "install", "-y", "-qq", "python3-venv"]
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            sys.exit(f"Python's venv module is missing: sudo {' '.join(install[:2])} python3-venv")
        say("Debian's package python3-venv")
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        run(*install)
    run(sys.executable, "-m", "venv", VENV)


def locked(name: str) -> list[str]:
    return ["--require-hashes", "-r", str(REQUIREMENTS / name)]


def run(*command: str | Path) -> None:
    """Run a step; one that fails has said why, and ends the set-up."""
    done = subprocess.run([str(part) for part in command], check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"Set-up stopped: {' '.join(str(part) for part in command[:4])} ... failed.")


def say(step: str) -> None:
    print(f"Setting up: {step} ...", flush=True)


if __name__ == "__main__":
    main()

"""The platform in containers, where a Docker engine runs: docker-compose.yml says what, this only when."""

import os
import shutil
import subprocess

from volley_tools.stack.prerequisites import ROOT
from volley_tools.stack.processes import StackError

FILE = ROOT / "docker-compose.yml"


def usable() -> bool:
    """Whether an engine, the compose plugin and the file are there, and VOLLEY_NO_DOCKER does not forbid it."""
    if os.environ.get("VOLLEY_NO_DOCKER") == "1" or not FILE.exists() or shutil.which("docker") is None:
        return False
    return _succeeds("docker", "info") and _succeeds("docker", "compose", "version")


def up() -> None:
    """Build and start the containers, and wait until they are healthy."""
    print("Starting the platform with Docker (VOLLEY_NO_DOCKER=1 runs it without) ...", flush=True)
    _compose("up", "-d", "--build", "--wait")
    _compose("ps")


def stop() -> bool:
    """Stop and remove the containers; whether there were any."""
    if not usable():
        return False
    listed = subprocess.run(
        ["docker", "compose", "-f", str(FILE), "ps", "-aq"], capture_output=True, text=True, check=False
    )
    if not listed.stdout.strip():
        return False
    _compose("down")
    return True


def _compose(*arguments: str) -> None:
    if subprocess.run(["docker", "compose", "-f", str(FILE), *arguments], check=False).returncode != 0:
        raise StackError(f"docker compose {arguments[0]} failed")


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0

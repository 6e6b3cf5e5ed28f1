"""The platform in containers, where a Docker engine runs: docker-compose.yml says what, this only when."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from volley_tools.stack.platform import kept_secrets
from volley_tools.stack.prerequisites import ROOT
from volley_tools.stack.processes import StackError

FILE = ROOT / "docker-compose.yml"


def usable() -> bool:
    """Whether an engine, the compose plugin and the file are there, and VOLLEY_NO_DOCKER does not forbid it."""
    if os.environ.get("VOLLEY_NO_DOCKER") == "1" or not FILE.exists() or shutil.which("docker") is None:
        return False
    return _succeeds("docker", "info") and _succeeds("docker", "compose", "version")


def up(folder: Path) -> None:
    """Build and start the containers, and wait until they are healthy. Their secrets are kept in `folder`."""
    print("Starting the platform with Docker (VOLLEY_NO_DOCKER=1 runs it without) ...", flush=True)
    _compose(folder, "up", "-d", "--build", "--wait")
    _compose(folder, "ps")
    print(f"\nThe first administrator's key is VOLLEY_BOOTSTRAP_KEY in {environment_file(folder)}.")


def stop(folder: Path, *, with_data: bool = False) -> bool:
    """Stop and remove the containers, and their data if asked; whether there were any."""
    if not usable():
        return False
    listed = subprocess.run([*_command(folder), "ps", "-aq"], capture_output=True, text=True, check=False)
    if not listed.stdout.strip() and not with_data:
        return False
    _compose(folder, "down", *(["--volumes"] if with_data else []))
    return True


def environment_file(folder: Path) -> Path:
    """What docker-compose.yml asks for: the checkout's own .env, or one made at random and kept in `folder`.

    Readable by its owner only.
    """
    if (own := ROOT / ".env").exists():
        return own
    kept = folder / "compose.env"
    if not kept.exists():
        shared = kept_secrets(folder)
        values = {
            "POSTGRES_PASSWORD": secrets.token_hex(24),
            "VOLLEY_INTERNAL_TOKEN": shared.internal_token,
            "VOLLEY_LINK_SECRET": shared.link_secret,
            "VOLLEY_BOOTSTRAP_KEY": shared.bootstrap_key,
        }
        kept.touch(mode=0o600)
        kept.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return kept


def _command(folder: Path) -> list[str]:
    return ["docker", "compose", "-f", str(FILE), "--env-file", str(environment_file(folder))]


def _compose(folder: Path, *arguments: str) -> None:
    if subprocess.run([*_command(folder), *arguments], check=False).returncode != 0:
        raise StackError(f"docker compose {arguments[0]} failed")


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0

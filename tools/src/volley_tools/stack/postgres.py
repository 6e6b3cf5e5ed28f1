"""The local Postgres: initialised once, served on the loopback address only, with a password of its own."""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from volley_tools.stack.background import run_apart
from volley_tools.stack.ports import HOST
from volley_tools.stack.prerequisites import Programs, version_of
from volley_tools.stack.processes import Child, StackError

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "300",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Safe against kill -9 of the server (a commit still waits for its record to be written), not against a power cut.
THROW_AWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


def postgres(programs: Programs, folder: Path, log: Path, port: int, *, durable: bool) -> Child:
    """The server's process, its data folder initialised if it is new."""
    user = _server_user()
    home = home_of(folder)
    if not (folder / "password").exists():
        shutil.rmtree(home, ignore_errors=True)  # left by a folder that was removed without its data
    _make_home(home, user)
    binaries = _reachable(programs.postgres_bin, home) if user else programs.postgres_bin
    password = _password(folder)
    if not (home / "data" / "PG_VERSION").exists():
        _initialise(binaries, home, user, password)
    _check_version(binaries, home)
    settings = SETTINGS if durable else SETTINGS | THROW_AWAY_SETTINGS
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    url = server_url(folder, port)
    return Child(
        name="postgres",
        command=[str(binaries / "postgres"), "-D", str(home / "data"), "-p", str(port), *options],
        log=log,
        ready=lambda: run_apart(answers(url)),
        stop_signal=signal.SIGINT,  # ends the sessions; SIGTERM would wait for them
        death_signal=signal.SIGQUIT,  # a killed one would leave its own children behind for a while
        user=user,
    )


def server_url(folder: Path, port: int) -> str:
    """The address of the server whose files are in `folder`, without a database."""
    return f"postgresql://volley:{_password(folder)}@{HOST}:{port}"


async def answers(url: str) -> bool:
    """Whether the server accepts connections."""
    try:
        connection = await asyncpg.connect(f"{url}/postgres", timeout=2)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    await connection.close()
    return True


async def create_missing(url: str, names: Iterable[str]) -> None:
    """Create the databases that the server does not have yet."""
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        existing = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
    finally:
        await connection.close()
    for name in names:
        if name not in existing:
            await create_database(url, name)


async def create_database(url: str, name: str, template: str = "template1") -> None:
    """Create a database as a copy of `template`, to which nobody may be connected."""
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()


async def drop_databases(url: str, names: Iterable[str]) -> None:
    """Drop databases, with whoever is connected to them."""
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        for name in names:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def home_of(folder: Path) -> Path:
    """Where the data is: `folder`, or, since Postgres refuses to run as root and its user may not enter the
    checkout, a folder below /var/tmp that belongs to that user.
    """
    if os.geteuid() != 0:
        return folder
    return Path("/var/tmp", f"volley-postgres-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}")  # noqa: S108


def remove(folder: Path) -> None:
    """Remove the data, wherever it is."""
    shutil.rmtree(home_of(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str:
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _make_home(home: Path, user: str) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not user:
        return
    owner = pwd.getpwnam(user)
    if home.is_symlink() or home.stat().st_uid not in {0, owner.pw_uid}:
        raise StackError(f"{home} belongs to somebody else; remove it")
    os.chown(home, owner.pw_uid, owner.pw_gid)


def _reachable(binaries: Path, home: Path) -> Path:
    """The programs where another user may run them: copied when they lie in a folder closed to others."""
    if all(folder.stat().st_mode & 0o001 for folder in [binaries, *binaries.parents]):
        return binaries
    installation, package = binaries.parent, binaries.parents[1]
    copy = home / "programs" / package.name / installation.name
    if not copy.exists():
        unfinished = copy.with_suffix(".unfinished")
        shutil.copytree(installation, unfinished, symlinks=True, dirs_exist_ok=True)
        libraries = package.with_name(f"{package.name}.libs")  # where the Python package keeps what it links with
        if libraries.is_dir():
            shutil.copytree(libraries, home / "programs" / libraries.name, dirs_exist_ok=True)
        unfinished.rename(copy)
    return copy / binaries.name


def _password(folder: Path) -> str:
    """Made at random with the data folder, readable by its owner only."""
    kept = folder / "password"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(16))
    return kept.read_text()


def _check_version(binaries: Path, home: Path) -> None:
    of_data = (home / "data" / "PG_VERSION").read_text().strip()
    told = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True)
    of_server = str(version_of(told.stdout)[0])
    if of_data != of_server:
        raise StackError(f"{home} was made by Postgres {of_data}, and now it is {of_server}: run make clean first")


def _initialise(binaries: Path, home: Path, user: str, password: str) -> None:
    unfinished, told = home / "data.unfinished", home / "password.told"
    shutil.rmtree(unfinished, ignore_errors=True)
    told.touch(mode=0o600)
    told.write_text(password)
    if user:
        shutil.chown(told, user)
    options = ["--username=volley", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = [str(binaries / "initdb"), "-D", str(unfinished), *options, f"--pwfile={told}"]
    done = subprocess.run(command, user=user or None, cwd="/", capture_output=True, text=True, check=False)
    told.unlink()
    if done.returncode != 0:
        raise StackError(f"Postgres could not make its folder:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    unfinished.rename(home / "data")

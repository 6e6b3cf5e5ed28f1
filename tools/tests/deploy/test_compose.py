"""docker-compose.yml: every process starts with what it is given, and nothing is open that need not be."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from volley_tools.stack import compose
from volley_tools.stack.platform import SERVICES
from volley_tools.stack.prerequisites import ROOT

from .processes import BY_MODULE, MADE, TOPICS_MODULE, expected_peers, judge, peers_of

TEXT = compose.FILE.read_text()
REQUIRED = set(re.findall(r"\$\{(\w+):\?", TEXT))


def _filled(text: str) -> str:
    """As compose reads it: defaults where there are some, secrets elsewhere."""
    return re.sub(r"\$\{(\w+)(?::([-?])([^}]*))?\}", lambda found: found[3] if found[2] == "-" else MADE, text)


PROJECT: dict[str, Any] = yaml.safe_load(_filled(TEXT))
CONTAINERS: dict[str, dict[str, Any]] = PROJECT["services"]
OURS = {name: one for name, one in CONTAINERS.items() if one["image"].startswith("volley:")}
LASTING = {name: one for name, one in OURS.items() if one["command"][-1] == "all"}


@pytest.mark.parametrize("name", OURS)
def test_a_process_starts_with_what_it_is_given(name: str) -> None:
    environment = OURS[name]["environment"]
    assert all(isinstance(value, str) for value in environment.values()), "YAML numbers need quotes here"
    judge(OURS[name]["command"], environment)


def test_every_service_runs_and_is_migrated() -> None:
    commands = {tuple(one["command"]) for one in OURS.values()}
    assert commands == {
        (TOPICS_MODULE,),
        *((service.module, role) for service in SERVICES for role in ("migrate", "all")),
    }
    assert set(LASTING) == {service.name for service in SERVICES}


@pytest.mark.parametrize("name", LASTING)
def test_peers_are_where_they_are_sought(name: str) -> None:
    environment = LASTING[name]["environment"]
    told = peers_of(environment)
    assert {word: port for word, (_, port) in told.items()} == expected_peers(BY_MODULE[LASTING[name]["command"][0]])
    for host, port in told.values():
        assert LASTING[host]["environment"]["VOLLEY_HTTP_PORT"] == str(port)
    assert environment["VOLLEY_INSTANCE"] == f"{name}-0"


@pytest.mark.parametrize("name", LASTING)
def test_topics_and_tables_come_first(name: str) -> None:
    module = LASTING[name]["command"][0]
    waits = LASTING[name]["depends_on"]
    done = {other for other, how in waits.items() if how["condition"] == "service_completed_successfully"}
    assert {tuple(CONTAINERS[other]["command"]) for other in done} == {(TOPICS_MODULE,), (module, "migrate")}
    assert ("redis" in waits) == ("VOLLEY_REDIS_URL" in LASTING[name]["environment"])


def test_what_is_waited_for_exists_and_can_be_waited_for() -> None:
    for one in CONTAINERS.values():
        for name, how in one.get("depends_on", {}).items():
            other = CONTAINERS[name]
            if how["condition"] == "service_healthy":
                assert other["healthcheck"]["test"][0] == "CMD"
            else:
                assert other["restart"] == "no", "what must end must not begin again"


def test_only_the_two_doors_are_published_and_only_here() -> None:
    published = {name: one["ports"] for name, one in CONTAINERS.items() if "ports" in one}
    link = next(service for service in SERVICES if service.public_port)
    assert published == {"gateway-api": ["127.0.0.1:8080:8080"], "link-svc": [f"127.0.0.1:8085:{link.public_port}"]}


def test_every_database_is_made() -> None:
    script = (ROOT / "deploy/compose/databases.sql").read_text()
    urls = [one["environment"].get("VOLLEY_DATABASE_URL", "") for one in OURS.values()]
    assert set(re.findall(r"CREATE DATABASE (\w+);", script)) == {url.rsplit("/", 1)[1] for url in urls if url}


@pytest.mark.parametrize("name", CONTAINERS)
def test_each_container_is_bounded_and_named(name: str) -> None:
    one = CONTAINERS[name]
    assert {"cpus", "memory"} <= one["deploy"]["resources"]["limits"].keys()
    assert re.search(r":(?!latest)[\w.-]+$", one["image"]), "an image has a version"
    assert set(one["networks"]) <= set(PROJECT["networks"])
    for volume in one.get("volumes", []):
        source = volume.split(":")[0]
        assert source in PROJECT["volumes"] or (ROOT / source).exists()


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_do_little(name: str) -> None:
    one = OURS[name]
    assert one["read_only"]
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]


def test_the_stores_reach_nothing_outside() -> None:
    assert PROJECT["networks"]["stores"]["internal"]
    assert all(CONTAINERS[name]["networks"] == ["stores"] for name in ("kafka", "postgres", "redis"))


def test_make_up_knows_every_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "ROOT", tmp_path)  # no .env of the checkout
    kept = compose.environment_file(tmp_path / "kept")
    values = dict(line.split("=", 1) for line in kept.read_text().splitlines())
    assert values.keys() == REQUIRED
    assert len(set(values.values())) == len(REQUIRED)
    assert kept.stat().st_mode & 0o077 == 0
    before = kept.read_text()
    assert compose.environment_file(tmp_path / "kept").read_text() == before


def test_compose_itself_agrees() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the compose plugin of Docker is not installed")
    given = os.environ | dict.fromkeys(REQUIRED, MADE)
    command = [docker, "compose", "-f", str(compose.FILE), "config", "--quiet"]
    answered = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr

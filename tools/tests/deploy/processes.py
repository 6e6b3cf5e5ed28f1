"""What a process of the image must be given: its settings class judges the environment that a deployment describes."""

import importlib
import re
from collections.abc import Mapping, Sequence

import msgspec

from volley_chassis import settings
from volley_tools.stack.platform import SERVICES, Service

TOPICS_MODULE = "volley_chassis.topics"
TOPICS_NEEDS = {"VOLLEY_KAFKA"}
TOPICS_KNOWS = {*TOPICS_NEEDS, "VOLLEY_TOPIC_PREFIX", "VOLLEY_KAFKA_REPLICATION"}
ROLES = {"api", "worker", "all", "migrate", "migrated"}
BY_MODULE = {service.module: service for service in SERVICES}
# Where a deployment has placeholders, a process would be given something long and random.
MADE = "5ecret" * 8


def judge(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Assert that what the image runs for `command` starts with this environment, and understands all of it."""
    if list(command) == [TOPICS_MODULE]:
        assert environment.keys() >= TOPICS_NEEDS, f"{TOPICS_MODULE} lacks {TOPICS_NEEDS - environment.keys()}"
        return
    module, role = command
    service = BY_MODULE[module]
    roles = ROLES | {"redirect"} if service.public_port else ROLES
    assert role in roles, f"{module} has no role {role}"
    struct = _settings_of(module)
    unknown = {name for name in environment if name.startswith("VOLLEY_")} - _names_of(struct) - TOPICS_KNOWS
    assert not unknown, f"{module} knows nothing of {unknown}"
    if role in {"migrate", "migrated"}:
        assert "VOLLEY_DATABASE_URL" in environment
        return
    loaded = settings.load(struct, environment)
    assert loaded.http_port == service.port, "ports are those of the platform's table"
    assert environment["VOLLEY_DATABASE_URL"].endswith(f"/volley_{service.word}")


def made(value: str) -> str:
    """The value with its placeholders filled."""
    return value.replace("CHANGE-ME", MADE)


def peers_of(environment: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Host and port of the services that a process is told of, by their service's word: `link`."""
    found = (re.fullmatch(r"VOLLEY_([A-Z]+)_URL http://([^:/]+):([0-9]+)", f"{k} {v}") for k, v in environment.items())
    return {match[1].lower(): (match[2], int(match[3])) for match in found if match}


def expected_peers(service: Service) -> dict[str, int]:
    """The port of each service that this one must be told of, by word."""
    return {peer.word: peer.port for peer in SERVICES if peer.name in service.peers}


def _settings_of(module: str) -> type[settings.ServiceSettings]:
    config = importlib.import_module(f"{module}.config")
    own = [
        value
        for value in vars(config).values()
        if isinstance(value, type)
        and issubclass(value, settings.ServiceSettings)
        and value is not settings.ServiceSettings
    ]
    assert len(own) == 1, f"{module} has one settings class"
    return own[0]


def _names_of(struct: type[settings.ServiceSettings]) -> set[str]:
    return {f"VOLLEY_{field.encode_name.upper()}" for field in msgspec.structs.fields(struct)}

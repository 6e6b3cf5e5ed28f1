"""Settings from the environment: one frozen class a service, every variable named VOLLEY_<FIELD>."""

import os
import socket
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec


class SettingsError(Exception):
    """An environment variable is missing or illegal; the message names it and what it should be."""


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service is told. Times are in seconds.

    `instance` is the stable name of this replica: it is the Kafka static member id, and names locks and logs.
    `inbox_days` is how long ids of handled events are known: longer than any topic is retained.
    `deliver_twice` hands every record to its handler twice, for tests: all of them must be idempotent.
    """

    database_url: str
    kafka: str
    internal_token: str
    topic_prefix: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    instance: str = msgspec.field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: str | None = None
    stop_within: float = 20.0
    database_connections: int = 10
    inbox_days: Annotated[int, msgspec.Meta(ge=31)] = 31
    deliver_twice: bool = False


T = TypeVar("T", bound=ServiceSettings)


def load(struct: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """The settings in VOLLEY_* variables. Raises SettingsError naming the variable that is missing or illegal."""
    values = {
        field.encode_name: environ[f"VOLLEY_{field.encode_name.upper()}"]
        for field in msgspec.structs.fields(struct)
        if f"VOLLEY_{field.encode_name.upper()}" in environ
    }
    for field in msgspec.structs.fields(struct):
        if field.required and field.encode_name not in values:
            raise SettingsError(f"VOLLEY_{field.encode_name.upper()} is not set")
    try:
        return msgspec.convert(values, struct, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"VOLLEY_* environment: {error}") from error

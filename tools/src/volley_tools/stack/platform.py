"""Volley's services as processes: which there are, on which ports, and the whole environment each is given."""

import http.client
import json
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from volley_tools.stack.ports import HOST, Ports
from volley_tools.stack.processes import Child, StackError

# How long a service may take to finish what is in flight, so that the whole stack stops within 20 s.
STOP_SECONDS = 12


@dataclass(frozen=True)
class Service:
    """One service. `peers` are those whose address it is told; `public_port` serves the redirects."""

    name: str
    port: int
    peers: tuple[str, ...] = ()
    public_port: int = 0

    @property
    def word(self) -> str:
        """What tells it from the others: `campaign` of campaign-svc."""
        return self.name.split("-")[0]

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")


# In the order in which they start; they stop in reverse.
SERVICES = (
    Service("dispatch-svc", 8082),
    Service("link-svc", 8083, public_port=8085),
    Service("stats-svc", 8084),
    Service("campaign-svc", 8081, peers=("link-svc", "dispatch-svc")),
    Service("gateway-api", 8080, peers=("campaign-svc", "dispatch-svc", "link-svc", "stats-svc")),
)
SMPP_PORT, SIMULATOR_PORT = 2775, 2780


@dataclass(frozen=True)
class Addresses:
    """Where the servers are: Kafka as host:port, Postgres as URL without a database, Redis as URL with its number.

    An empty one is not given.
    """

    kafka: str = ""
    postgres: str = ""
    redis: str = ""


@dataclass(frozen=True)
class Secrets:
    """What the services share with each other or with the first administrator, and nobody else."""

    internal_token: str
    link_secret: str
    bootstrap_key: str


@dataclass(frozen=True)
class Replica:
    """One process of a service: `dispatch-svc-1` is the second of dispatch-svc."""

    service: Service
    index: int
    port: int
    public_port: int

    @property
    def name(self) -> str:
        return f"{self.service.name}-{self.index}"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def public_url(self) -> str:
        return f"http://{HOST}:{self.public_port}"

    def command(self, role: str) -> list[str]:
        return [sys.executable, "-m", self.service.module, role]


@dataclass(frozen=True)
class Simulator:
    """The provider simulator: its SMPP door, and the HTTP one with the ledger and the controls."""

    smpp_port: int
    http_port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"


@dataclass(frozen=True)
class Platform:
    """All that the environment of a service is made of. `prefix` sets topics and databases apart from others'."""

    addresses: Addresses
    secrets: Secrets
    replicas: tuple[Replica, ...]
    prefix: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    def shared_environment(self) -> dict[str, str]:
        """The VOLLEY_ variables that are the same everywhere."""
        values = {
            "KAFKA": self.addresses.kafka,
            "REDIS_URL": self.addresses.redis,
            "TOPIC_PREFIX": self.topic_prefix,
            "HTTP_HOST": HOST,
            "INTERNAL_TOKEN": self.secrets.internal_token,
            "LOG_FORMAT": "console",
            "STOP_WITHIN": str(STOP_SECONDS),
        }
        return _variables(values) | dict(self.settings)

    def environment(self, replica: Replica) -> dict[str, str]:
        """Every VOLLEY_ variable of one process; `settings` add to them or change them."""
        service = replica.service
        values = {
            "DATABASE_URL": f"{self.addresses.postgres}/{self.database(service)}",
            "HTTP_PORT": str(replica.port),
            "INSTANCE": replica.name,
        }
        peers = (first for first in self.firsts() if first.service.name in service.peers)
        values |= {f"{peer.service.word.upper()}_URL": peer.url for peer in peers}
        if service.public_port:
            values |= {"PUBLIC_PORT": str(replica.public_port), "LINK_SECRET": self.secrets.link_secret}
            values["DOMAIN_CHECK_URL"] = replica.public_url
        if service.word == "dispatch":
            values["ROUTE_NETWORKS"] = "127.0.0.0/8,::1/128"
        if service.word == "gateway":
            values |= {"BOOTSTRAP_KEY": self.secrets.bootstrap_key, "WEBHOOKS_PRIVATE": "true"}
        return _variables(values) | self.shared_environment()

    @property
    def topic_prefix(self) -> str:
        return f"{self.prefix}." if self.prefix else ""

    def database(self, service: Service) -> str:
        return f"{self.prefix}_volley_{service.word}" if self.prefix else f"volley_{service.word}"

    def databases(self) -> list[str]:
        return [self.database(replica.service) for replica in self.firsts()]

    def firsts(self) -> Iterable[Replica]:
        """Of each service, the replica that the others talk to."""
        return (replica for replica in self.replicas if replica.index == 0)

    def replica(self, name: str) -> Replica:
        """One process, called by its own name or, the first, by its service's."""
        for replica in self.replicas:
            if name in {replica.name, replica.service.name}:
                return replica
        raise StackError(f"there is no {name}; there are {', '.join(replica.name for replica in self.replicas)}")


def place(services: Iterable[Service], counts: Mapping[str, int], ports: Ports) -> tuple[Replica, ...]:
    """The processes of `services`, as many of each as `counts` says (1), on free ports."""
    return tuple(
        Replica(
            service,
            index,
            ports.take(service.port),
            ports.take(service.public_port) if service.public_port else 0,
        )
        for service in services
        for index in range(counts.get(service.name, 1))
    )


def service_process(replica: Replica, platform: Platform, log: Path) -> Child:
    """A service's API and worker in one process."""
    return Child(
        name=replica.name,
        command=replica.command("all"),
        log=log,
        ready=lambda: answers(f"{replica.url}/readyz"),
        environment=platform.environment(replica),
    )


def simulator_process(simulator: Simulator, log: Path) -> Child:
    """The provider simulator; what it does is told it later, at its own HTTP port."""
    ports = [f"--smpp-port={simulator.smpp_port}", f"--http-port={simulator.http_port}"]
    return Child(
        name="simulator",
        command=[sys.executable, "-m", "volley_tools.simulator", *ports],
        log=log,
        ready=lambda: answers(f"{simulator.url}/ledger/summary"),
    )


def kept_secrets(folder: Path) -> Secrets:
    """Those of a stack, made at random with its folder and readable by its owner only."""
    kept = folder / "secrets.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = Secrets(*(secrets.token_hex(24) for _ in range(3)))
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(asdict(made), indent=2))
    return Secrets(**json.loads(kept.read_text()))


def answers(url: str) -> bool:
    """Whether a GET of `url` is answered with 200."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=2)
    try:
        connection.request("GET", f"/{path}")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (http.client.HTTPException, OSError):
        return False
    finally:
        connection.close()


def _variables(values: Mapping[str, str]) -> dict[str, str]:
    return {f"VOLLEY_{name}": value for name, value in values.items()}

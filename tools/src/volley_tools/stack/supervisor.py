"""The stack as one object: starts servers and services in order, watches them, stops them in reverse."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any, Self

from volley_tools.stack import postgres
from volley_tools.stack.background import run_apart
from volley_tools.stack.folder import take_lock, wait_for_the_dying, write_state
from volley_tools.stack.infra import servers
from volley_tools.stack.kafka import delete_topics
from volley_tools.stack.platform import (
    SERVICES,
    SIMULATOR_PORT,
    SMPP_PORT,
    Addresses,
    Platform,
    Service,
    Simulator,
    kept_secrets,
    place,
    service_process,
    simulator_process,
)
from volley_tools.stack.ports import Ports
from volley_tools.stack.prerequisites import ROOT, ensure_programs
from volley_tools.stack.processes import Child, StackError, stop_all

FOLDER = ROOT / ".volley"
START_SECONDS = 60
# Together below the 20 s in which a stop is over.
STOP_SERVICES_SECONDS = 14
STOP_SERVERS_SECONDS = 5

SETTLED_SECONDS = 30  # whoever ran this long is restarted without delay
LONGEST_DELAY_SECONDS = 10


@dataclass
class Stack:
    """Servers and services, with their data in `folder`; a context manager that starts and stops them.

    `services` of () makes it the servers only. `given` addresses are used instead of servers of its own. `replicas`
    says how many processes of a service there are (1). `scattered` puts it on random ports, for several stacks side
    by side. `durable=False` is for data that nobody keeps. `prefix` sets its topics and databases apart on servers
    that others use too. `with_simulator` adds the provider simulator. `settings` are more VOLLEY_ variables for all
    services. `report` is told each step.

    A process is called by its replica (`dispatch-svc-1`), or `kafka`, `postgres`, `redis`, `simulator`; a service's
    name means its first replica.
    """

    folder: Path = FOLDER
    services: Sequence[Service] = SERVICES
    given: Addresses = field(default_factory=Addresses)
    replicas: Mapping[str, int] = field(default_factory=dict)
    scattered: bool = False
    durable: bool = True
    prefix: str = ""
    with_simulator: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    report: Callable[[str], None] = lambda _: None

    _ports: Ports = field(init=False)
    _children: dict[str, Child] = field(default_factory=dict)
    _server_names: list[str] = field(default_factory=list)
    _held: set[str] = field(default_factory=set)
    _due: dict[str, float] = field(default_factory=dict)
    _lock: IO[str] | None = None
    _platform: Platform | None = None
    _simulator: Simulator | None = None
    _writing: threading.Lock = field(default_factory=threading.Lock)  # processes may be started side by side

    def start(self) -> None:
        """Start everything and wait until all of it serves; StackError, with nothing left running, if it does not."""
        self.folder = self.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = take_lock(self.folder)
        wait_for_the_dying(self.folder)
        self._ports = Ports(scattered=self.scattered)
        try:
            self._start_servers()
            if self.with_simulator:
                self._simulator = Simulator(self._ports.take(SMPP_PORT), self._ports.take(SIMULATOR_PORT))
                self._start_all([simulator_process(self._simulator, self._log("simulator"))])
            if self.services:
                self._migrate()
                self._start_services()
        except BaseException:
            self.stop()
            raise
        self._write_state("ready")

    def stop(self) -> None:
        """Stop the services, then the servers, within 20 s; does nothing if nothing runs."""
        self._write_state("stopping")
        children = list(reversed(self._children.values()))
        stop_all([child for child in children if child.name not in self._server_names], STOP_SERVICES_SECONDS)
        stop_all([child for child in children if child.name in self._server_names], STOP_SERVERS_SECONDS)
        self._children.clear()
        (self.folder / "state.json").unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def kill9(self, name: str) -> None:
        """SIGKILL a process and all it started; it stays away until `start_process`."""
        child = self._child(name)
        self._held.add(child.name)
        child.kill9()

    def stop_process(self, name: str) -> None:
        """Ask a process to end, and wait until it has; it stays away until `start_process`."""
        child = self._child(name)
        self._held.add(child.name)
        stop_all([child], STOP_SERVICES_SECONDS)

    def freeze(self, name: str) -> None:
        """SIGSTOP a process: it keeps its connections and does nothing until `thaw`."""
        self._child(name).freeze()

    def thaw(self, name: str) -> None:
        self._child(name).thaw()

    def start_process(self, name: str, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        """Start a process that was killed, on the same data and ports, and wait until it serves.

        `settings` are more VOLLEY_ variables, for this life of it.
        """
        child = self._child(name)
        child.start(settings)
        child.wait_ready(START_SECONDS)
        self._held.discard(child.name)
        self._write_state("ready")

    def pid(self, name: str) -> int | None:
        return self._child(name).pid

    def alive(self, name: str) -> bool:
        return self._child(name).alive()

    def url(self, service: str) -> str:
        """The address of a service's API, like http://127.0.0.1:8080; of its first replica unless one is named."""
        return self.platform.replica(service).url

    def public_url(self, service: str = "link-svc") -> str:
        """The address of a service's public server: link-svc's redirects."""
        return self.platform.replica(service).public_url

    @property
    def simulator(self) -> Simulator:
        """Where the provider simulator of a stack that has one serves."""
        if self._simulator is None:
            raise StackError("the stack has no simulator")
        return self._simulator

    @property
    def platform(self) -> Platform:
        """Addresses, secrets and environments of a stack that was started."""
        if self._platform is None:
            raise StackError("the stack was not started")
        return self._platform

    @property
    def addresses(self) -> Addresses:
        return self.platform.addresses

    @property
    def bootstrap_key(self) -> str:
        """The first administrator's API key."""
        return self.platform.secrets.bootstrap_key

    def supervise(self, stop: threading.Event) -> None:
        """Start again whoever ends by itself, each time a little later, until `stop` is set."""
        while not stop.wait(0.25):
            for child in self._children.values():
                if not child.alive() and child.name not in self._held:
                    self._restart_when_due(child)

    def remove(self) -> None:
        """Remove a stopped stack's data, on servers of others too where a prefix tells it from theirs."""
        if self._platform and self.prefix:
            if self.given.postgres:
                run_apart(postgres.drop_databases(self.given.postgres, self._platform.databases()))
            if self.given.kafka:
                run_apart(delete_topics(self.given.kafka, self._platform.topic_prefix))
        postgres.remove(self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_servers(self) -> None:
        programs = ensure_programs()
        shutil.rmtree(self.folder / "logs", ignore_errors=True)
        self.report("Starting Postgres, Redis and Kafka ...")
        children, addresses = servers(programs, self.folder, self._ports, self.given, durable=self.durable)
        replicas = place(self.services, self.replicas, self._ports)
        self._platform = Platform(addresses, kept_secrets(self.folder), replicas, self.prefix, self.settings)
        self._server_names = [child.name for child in children]
        self._start_all(children)

    def _migrate(self) -> None:
        self.report("Migrating the databases, creating the topics ...")
        platform = self.platform
        run_apart(postgres.create_missing(platform.addresses.postgres, platform.databases()))
        steps = [
            Child(
                f"migrate-{first.service.name}",
                first.command("migrate"),
                self._log(f"migrate-{first.service.name}"),
                lambda: True,
                platform.environment(first),
            )
            for first in platform.firsts()
        ]
        topics = [sys.executable, "-m", "volley_chassis.topics"]
        steps.append(Child("topics", topics, self._log("topics"), lambda: True, platform.shared_environment()))
        for step in steps:
            step.start()
        try:
            for step in steps:
                step.wait_done(START_SECONDS)
        finally:
            for step in steps:
                step.kill9()

    def _start_services(self) -> None:
        self.report(f"Starting {', '.join(replica.name for replica in self.platform.replicas)} ...")
        self._start_all(
            [service_process(replica, self.platform, self._log(replica.name)) for replica in self.platform.replicas]
        )

    def _start_all(self, children: Sequence[Child]) -> None:
        for child in children:
            self._children[child.name] = child
            child.start()
        self._write_state("starting")
        for child in children:
            child.wait_ready(START_SECONDS)

    def _restart_when_due(self, child: Child) -> None:
        now = time.monotonic()
        if child.name not in self._due:
            settled = now - child.started > SETTLED_SECONDS
            child.restarts = 0 if settled else child.restarts
            delay = 0.0 if settled else min(0.5 * 2**child.restarts, LONGEST_DELAY_SECONDS)
            self._due[child.name] = now + delay
            self.report(f"{child.name} ended; starting it again in {delay:.1f} s. See {child.log}")
        if now >= self._due[child.name]:
            del self._due[child.name]
            child.restarts += 1
            child.start()
            self._write_state("ready")

    def _child(self, name: str) -> Child:
        child = self._children.get(name) or self._children.get(f"{name}-0")
        if child is None:
            raise StackError(f"there is no process {name}; there are {', '.join(self._children)}")
        return child

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _write_state(self, status: str) -> None:
        if self._platform is None:
            return
        state: dict[str, Any] = {
            "status": status,
            "pid": os.getpid(),
            "addresses": asdict(self.addresses),
            "urls": {replica.name: replica.url for replica in self._platform.replicas},
            "public_urls": {
                replica.name: replica.public_url for replica in self._platform.replicas if replica.public_port
            },
            "processes": {
                child.name: {"pid": child.pid, "log": str(child.log), "restarts": child.restarts}
                for child in self._children.values()
            },
        }
        if self._simulator:
            state["urls"]["simulator"] = self._simulator.url
            state["simulator_smpp_port"] = self._simulator.smpp_port
        with self._writing:
            write_state(self.folder, state)

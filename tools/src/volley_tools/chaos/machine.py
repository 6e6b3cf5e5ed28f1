"""The processes of a platform under faults: who should run is started again, as an orchestrator would."""

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from redis.asyncio import Redis

from volley_tools.chaos.plan import WORKERS, Fault
from volley_tools.demo.provider import Provider
from volley_tools.stack.processes import StackError
from volley_tools.stack.supervisor import Stack

SETTLING = {"kafka": 15.0, "redis": 3.0, "postgres": 6.0}
"""Seconds until those who use a server that is back have found it again: group sessions, back-off."""
SERVICE_SETTLING = 3.0
"""The same, of a service that takes its place in its groups again."""

SESSION = 10.0
REBALANCING = 12.0
"""Seconds until a group gives away the partitions of who is silent; and until others have them, or it has others."""


_LOOK_SECONDS = 0.1
_AGAIN_SECONDS = 0.5
_PATIENCE_SECONDS = 180.0


class Outage(msgspec.Struct):
    """A server, a service or the provider was not as it should be, by the wall clock in seconds."""

    what: str
    begin: float
    end: float = float("inf")


class Machine:
    """Does what faults say to the processes of `stack`. `told` is a diary of the seed."""

    def __init__(self, stack: Stack, provider: Provider) -> None:
        self.stack, self.provider = stack, provider
        self.outages: list[Outage] = []
        self.told: list[str] = []
        self._begun = time.time()
        self._wanted = dict.fromkeys(("kafka", "postgres", "redis"), True)
        self._wanted |= {replica.name: replica.index == 0 for replica in stack.platform.replicas}
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._armed: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._twice: set[str] = set()

    async def prepare(self) -> None:
        """Everything as a seed begins; who still had a point to die at, or handled twice, is started anew."""
        self.told.clear()
        self._begun = time.time()
        tainted = {name for name, waiting in self._armed.items() if waiting} | self._twice
        self._armed.clear()
        self._twice.clear()
        await asyncio.gather(*(self._run(self.stack.stop_process, name) for name in tainted))
        await asyncio.gather(*(self._set_right(name) for name in self._wanted))
        self.outages = [outage for outage in self.outages if outage.end > time.time()]

    async def arm(self, faults: tuple[Fault, ...]) -> None:
        """From now on passes of points count, and records come twice: who is meant is started anew."""
        self._twice |= {_first(fault.target) for fault in faults if fault.kind == "twice"}
        for fault in faults:
            if fault.kind == "point":
                self._armed[_first(fault.target)].append(fault)
        await asyncio.gather(*(self._start_anew(name) for name in set(self._armed) | self._twice))

    async def _start_anew(self, name: str) -> None:
        async with self._busy[name], self._outage(name):
            await self._run(self.stack.stop_process, name)
            await self._start(name)

    async def _set_right(self, name: str) -> None:
        if self._wanted[name]:
            await self._start(name)
        elif self.stack.alive(name):
            await self._run(self.stack.stop_process, name)

    async def keep_up(self) -> None:
        """Until cancelled: who died at a point, or by itself, is started again."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for name, wanted in self._wanted.items():
                if wanted and not self._busy[name].locked() and not self.stack.alive(name):
                    await self._revive(name)

    async def _revive(self, name: str) -> None:
        waiting = self._armed[name]
        pause = 0.0
        died_there = bool(waiting) and await asyncio.to_thread(self._died_at, name, waiting[0])
        if died_there:
            fault = waiting.popleft()
            pause = fault.seconds
            self.tell(f"{name} died at pass {fault.nth} of {fault.point}")
        else:
            self.tell(f"{name} ended by itself")
        async with self._busy[name], self._outage(name):
            await asyncio.sleep(pause)
            await self._start(name)

    def _died_at(self, name: str, fault: Fault) -> bool:
        """Reads its log."""
        log = self.stack.folder / "logs" / f"{name}.log"
        return f"fault point {fault.point}:{fault.nth}\n" in log.read_text(errors="replace")[-4000:]

    def points_left(self) -> list[Fault]:
        """Those that nobody passed so often."""
        return [fault for waiting in self._armed.values() for fault in waiting]

    async def cause(self, fault: Fault) -> None:
        """Have it happen; returns when it is over."""
        self.tell(f"{fault.kind} {fault.target}".rstrip())
        match fault.kind:
            case "kill":
                await self._away(fault, self.stack.kill9)
            case "restart":
                await self._away(fault, self.stack.stop_process)
            case "freeze":
                await self._freeze(fault)
            case "drop":
                await self._drop(fault)
            case "flush":
                await self._flush()
            case "replica":
                await self._replica(fault)

    async def _away(self, fault: Fault, end: Callable[[str], None]) -> None:
        name = self._name(fault.target)
        async with self._busy[name], self._outage(name):
            await self._run(end, name)
            await asyncio.sleep(fault.seconds)
            await self._start(name)
        self.tell(f"{name} is back")

    async def _freeze(self, fault: Fault) -> None:
        name = self._name(fault.target)
        settling = REBALANCING if fault.seconds >= SESSION else None
        async with self._busy[name], self._outage(name, settling=settling):
            await self._run(self.stack.freeze, name)
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                await self._run(self.stack.thaw, name)
        self.tell(f"{name} goes on")

    async def _drop(self, fault: Fault) -> None:
        async with self._outage("provider"):
            await self.provider.behave(drop_after=fault.nth, drop_unanswered=fault.lost)
            await asyncio.sleep(fault.seconds)
            await self.provider.behave(drop_after=0)

    async def _flush(self) -> None:
        async with self._outage("redis"), Redis.from_url(self.stack.addresses.redis) as redis:
            await redis.flushall()

    async def _replica(self, fault: Fault) -> None:
        name = f"{fault.target}-1"
        async with self._busy[name], self._outage(fault.target, settling=REBALANCING):
            await self._start(name)
            self.tell(f"{name} has joined")
            await asyncio.sleep(fault.seconds)
            await self._run(self.stack.kill9, name)
            self.tell(f"{name} was killed")

    async def _start(self, name: str) -> None:
        """Start it unless it runs, and wait until it serves; again when it cannot because another is away."""
        settings = {"VOLLEY_DELIVER_TWICE": "true"} if name in self._twice else {}
        if waiting := self._armed.get(name):
            settings["VOLLEY_FAULT"] = f"{waiting[0].point}:{waiting[0].nth}"
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                try:
                    await asyncio.to_thread(self.stack.start_process, name, settings)
                except StackError:
                    await asyncio.sleep(_AGAIN_SECONDS)
                else:
                    return

    def _name(self, target: str) -> str:
        return target if target in SETTLING else _first(target)

    @asynccontextmanager
    async def _outage(self, *names: str, settling: float | None = None) -> AsyncIterator[None]:
        """Of servers or processes."""
        outages = [Outage(re.sub(r"-\d$", "", name), time.time()) for name in names]
        self.outages += outages
        try:
            yield
        finally:
            for outage in outages:
                outage.end = time.time() + (settling or SETTLING.get(outage.what, SERVICE_SETTLING))

    def tell(self, line: str) -> None:
        self.told.append(f"{time.time() - self._begun:6.1f} s  {line}")

    async def _run(self, action: Callable[[str], None], name: str) -> None:
        await asyncio.to_thread(action, name)

    async def stop_seconds(self) -> None:
        """Second replicas go: they only come by faults. Until their sessions have ended nobody has their partitions."""
        async with self._outage(*WORKERS, settling=REBALANCING):
            await asyncio.gather(*(self._run(self.stack.stop_process, f"{name}-1") for name in WORKERS))


def _first(target: str) -> str:
    return f"{target}-0"

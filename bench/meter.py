"""What processes used between two moments: CPU time, and memory at its highest."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec
import psutil

SAMPLE_SECONDS = 0.25


class Usage(msgspec.Struct):
    """By the name of each process: CPU seconds used, with its children, and its own highest resident memory in MB."""

    seconds: float = 0.0
    cpu: dict[str, float] = msgspec.field(default_factory=dict)
    memory: dict[str, float] = msgspec.field(default_factory=dict)

    def cpu_of_all(self) -> float:
        return sum(self.cpu.values())


@asynccontextmanager
async def measured(pids: Mapping[str, int]) -> AsyncIterator[Usage]:
    """The Usage of the processes `pids` (by name), complete when the block ends."""
    trees = {name: psutil.Process(pid) for name, pid in pids.items()}
    usage = Usage(memory=dict.fromkeys(pids, 0.0))
    before = {name: _cpu(tree) for name, tree in trees.items()}
    began = time.monotonic()
    sampler = asyncio.create_task(_sample(trees, usage))
    try:
        yield usage
    finally:
        sampler.cancel()
        usage.seconds = time.monotonic() - began
        usage.cpu = {name: _cpu(tree) - before[name] for name, tree in trees.items()}


async def _sample(trees: Mapping[str, psutil.Process], usage: Usage) -> None:
    while True:
        for name, tree in trees.items():
            # Looking for children as well would cost a seventh of what is measured.
            usage.memory[name] = max(usage.memory[name], tree.memory_info().rss / 1e6)
        await asyncio.sleep(SAMPLE_SECONDS)


def _cpu(tree: psutil.Process) -> float:
    """Seconds of the process, of its living descendants, and of those that they have waited for."""
    total = 0.0
    for process in (tree, *tree.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total

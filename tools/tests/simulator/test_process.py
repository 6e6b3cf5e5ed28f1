"""The simulator as a process: ready line, clean end, and a ledger that outlives a kill."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from volley_tools.simulator.child import start
from volley_tools.simulator.journal import read
from volley_tools.stack.ports import Ports


async def launch(*flags: str) -> tuple[Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "volley_tools.simulator", "--smpp-port", "0", "--http-port", "0", *flags],
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdout
    async with asyncio.timeout(30):
        return process, json.loads(await process.stdout.readline())


def cut_off(path: Path) -> None:
    """As if the process had been killed while it wrote a line."""
    with path.open("ab") as file:
        file.write(b'{"index":20,"at":1')


async def submit(http: ClientSession, port: int, refs: range) -> Any:
    messages = [{"ref": f"r{n}", "to": f"+447700900{n:03}", "from": "V", "text": "€ Hi"} for n in refs]
    async with http.post(
        f"http://127.0.0.1:{port}/messages",
        json={"messages": messages},
        headers={"Authorization": "Bearer secret"},
    ) as answer:
        return await answer.json()


async def summary(http: ClientSession, port: int) -> Any:
    async with http.get(f"http://127.0.0.1:{port}/ledger/summary") as answer:
        return await answer.json()


async def test_a_killed_simulator_comes_back_with_its_ledger(http: ClientSession, tmp_path: Path) -> None:
    ledger = str(tmp_path / "ledger.jsonl")
    process, ready = await launch("--ledger", ledger)
    try:
        await submit(http, ready["http_port"], range(20))
    finally:
        process.kill()
        await process.wait()
    cut_off(Path(ledger))
    process, ready = await launch("--ledger", ledger)
    try:
        await submit(http, ready["http_port"], range(10, 30))
        told = await summary(http, ready["http_port"])
        assert (told["messages"], told["numbers"], told["duplicates"]) == (30, 30, 0)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert [line["text"] for line in read(Path(ledger))] == ["€ Hi"] * 30


async def test_a_child_starts_with_options_and_stops(http: ClientSession, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "receipts": False, "failures": {"ESME_RSYSERR": 3}, "optout_hosts": ["a.example", "b.example"], "click": 7,
    }  # fmt: skip
    running = await asyncio.to_thread(start, tmp_path / "simulator.log", Ports(scattered=True), **options)
    try:
        async with http.get(f"{running.url}/control") as answer:
            told = await answer.json()
        assert {name: told[name] for name in options} == options
        assert (told["smpp_port"], told["http_port"]) == (running.smpp_port, running.http_port)
    finally:
        await asyncio.to_thread(running.stop)
    assert not running.child.alive()

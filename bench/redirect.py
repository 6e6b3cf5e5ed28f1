"""The public redirect: random links of 1,000,000, each click in Kafka before it is answered."""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from bench.links import Links, links
from bench.meter import measured
from bench.results import Result, row
from bench.wrk import Load, driven
from volley_contracts import DomainClicks, decode, topics

LINKS, CAMPAIGNS, DOMAINS = 1_000_000, 10, 3
CONNECTIONS = 512
CONNECTIONS_AT_HALF = 256
SECONDS = 6
ROUNDS = 3
MARK = 25_000
HALF_PAUSE_MS = 17
"""What each connection waits on the average between an answer and its next request, for half the marked load."""

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
_SCRIPT = (
    """
local slugs, heads, pause = nil, {}, 0
function setup(thread) thread:set('seed', math.random(1e9)) end
function init(args)
  math.randomseed(seed)
  slugs, pause = io.open(args[1]):read('*a'), tonumber(args[3])
  for host in io.lines(args[2]) do
    heads[#heads + 1] = ' HTTP/1.1\\r\\nHost: ' .. host .. '\\r\\nAccept: text/html,*/*;q=0.8\\r\\n' ..
      'Accept-Language: en-GB,en;q=0.9\\r\\nUser-Agent: """
    + PHONE
    + """\\r\\n\\r\\n'
  end
  if pause > 0 then delay = function() return math.random(0, 2 * pause) end end
end
function request()
  local at = math.random(0, 500 * #heads - 1)
  return 'GET /' .. slugs:sub(8 * at + 1, 8 * at + 8) .. heads[math.floor(at / 500) + 1]
end
"""
)


async def run() -> list[Result]:
    async with links(LINKS, campaigns=CAMPAIGNS, domains=DOMAINS) as made, bare() as bare_url:
        with tempfile.TemporaryDirectory(prefix="volley-bench-") as folder:
            return await compared(made, bare_url, Path(folder))


async def compared(made: Links, bare_url: str, folder: Path) -> list[Result]:
    """Both servers in turn, then half the load, then Kafka's account of all of it."""
    (folder / "slugs").write_text(made.slugs)
    (folder / "hosts").write_text("\n".join(made.hosts) + "\n")
    sent = [await load(folder, made.url, SECONDS)]  # the first visit to each range asks the database
    bare_rates, rates = [], []
    pids = {name: made.stack.pid(name) or 0 for name in ("link-svc", "kafka")}
    async with measured(pids) as usage:
        for _ in range(ROUNDS):
            bare_rates.append((await load(folder, bare_url, SECONDS // 2)).rate)
            sent.append(await load(folder, made.url, SECONDS))
            rates.append(sent[-1].rate)
            print(f"   bare {bare_rates[-1]:,.0f}/s   redirect {sent[-1]}", flush=True)
    answered = sum(each.requests for each in sent[1:])
    for name in pids:
        print(f"   {name:<10} {usage.cpu[name] / answered * 1e6:6.1f} us/click  {usage.memory[name]:6.0f} MB")
    sent.append(half := await load(folder, made.url, SECONDS, HALF_PAUSE_MS))
    print(f"   half load {half}", flush=True)
    recorded = await clicks_in_kafka(made)
    lost = max(0, sum(each.requests for each in sent) - recorded)
    bare_rate = statistics.median(bare_rates)
    return [
        row("redirect, every click recorded", statistics.median(rates), "req/s", "higher", mark=MARK),
        row(
            "the same / a bare 302 on the same server",
            statistics.median(rates),
            "req/s",
            "higher",
            mark=0.6 * bare_rate,
            yardstick=bare_rate,
        ),
        row(f"redirect, p99 at {half.rate:,.0f} req/s", half.p99_ms, "ms", "lower", mark=10),
        row("redirect, answered clicks that Kafka lacks", lost, "clicks", "lower", mark=0),
    ]


async def load(folder: Path, url: str, seconds: int, pause_ms: int = 0) -> Load:
    """Visits to random links, over and over on each connection, with pauses of `pause_ms` on the average."""
    how = ["-t2", f"-c{CONNECTIONS_AT_HALF if pause_ms else CONNECTIONS}", f"-d{seconds}s"]
    return await driven(folder, _SCRIPT, how, url, [str(folder / "slugs"), str(folder / "hosts"), str(pause_ms)])


@asynccontextmanager
async def bare() -> AsyncIterator[str]:
    """The bare server; gives its address."""
    command = [sys.executable, "-m", "bench.bare_redirect"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


async def clicks_in_kafka(made: Links) -> int:
    """All clicks that the topic holds."""
    settings = made.settings()
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + topics.LINK_CLICKS.name,
        bootstrap_servers=settings.kafka,
        auto_offset_reset="earliest",
        group_id=None,
    )
    count = 0
    async with consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(each) < end for each, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    event = decode("volley.link.clicked.v2", record.value or b"")
                    assert isinstance(event, DomainClicks)
                    count += len(event.seqs)
    return count

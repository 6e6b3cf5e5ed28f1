"""wrk, the load generator: requests from a list of paths, and what became of them."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

_SCRIPT = """
local paths, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  at = math.floor(#paths * (tonumber(tostring({}):match('0x(%x+)'), 16) % 997) / 997)
end
function request()
  at = at % #paths + 1
  return wrk.format('GET', paths[at])
end
"""
_DONE = """
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"refused":%d,"broken":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.status, e.connect + e.read + e.write + e.timeout))
end
"""


class Load(msgspec.Struct, frozen=True):
    """What wrk saw: answered requests, latencies in milliseconds, answers of 400 and above, and lost connections."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


async def wrk(
    url: str, paths: Sequence[str], *, connections: int, seconds: int, threads: int = 1, headers: Mapping[str, str]
) -> Load:
    """GET `paths` of `url` in turn, as fast as the answers come. AssertionError where any is not answered well."""
    with tempfile.TemporaryDirectory(prefix="volley-bench-") as folder:
        listed = _written(Path(folder, "paths.txt"), "".join(f"{path}\n" for path in paths))
        fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        how = [f"-t{threads}", f"-c{connections}", f"-d{seconds}s", *fields]
        return await driven(Path(folder), _SCRIPT, how, url, [listed])


async def driven(folder: Path, script: str, how: Sequence[str], url: str, arguments: Sequence[str]) -> Load:
    """Run wrk with a script (its file goes into `folder`) whose `done` prints a Load. AssertionError as above."""
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk is missing: sudo apt-get install wrk")
    command = [program, *how, "--timeout", "10s", "-s", _written(folder / "wrk.lua", script + _DONE), url, "--"]
    process = await asyncio.create_subprocess_exec(*command, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    load = msgspec.json.decode(output.splitlines()[-1], type=Load)
    assert load.requests, "nothing was answered"
    assert not load.refused + load.broken, load
    return load


def _written(file: Path, text: str) -> str:
    file.write_text(text)
    return str(file)

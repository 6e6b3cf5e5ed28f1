"""`python -m volley_tools.simulator`: runs until SIGTERM or SIGINT; one JSON line on stdout says when it is ready."""

import asyncio
import gc
import json
import os
import signal
import sys

import uvloop

from volley_tools.simulator.options import Options, from_command_line
from volley_tools.simulator.simulator import Simulator


async def _run(options: Options) -> None:
    stopped = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    simulator = Simulator(options)
    await simulator.start()
    ready = {"smpp_port": simulator.smpp_port, "http_port": simulator.http_port, "pid": os.getpid()}
    print(json.dumps(ready), flush=True)
    await stopped.wait()
    await simulator.stop()


def main() -> None:
    # The ledger only grows and holds no cycles: looking through it for garbage would cost a quarter of the time.
    gc.set_threshold(100_000, 20, 100)
    uvloop.run(_run(from_command_line(sys.argv[1:])))


if __name__ == "__main__":
    main()

"""`make bench`: run the benchmarks, one after the other, and show what they found."""

import argparse
import asyncio
import importlib
import shutil
import sys
import time
import traceback

from bench.results import Result, show

# In the order of the README. Each is a module here with `async def run() -> list[Result]`.
BENCHMARKS = (
    "smpp_campaign",
    "http_campaign",
    "campaign_list",
    "clicks",
    "live_stream",
    "million",
    "contacts_import",
    "start",
    "throttle",
    "fairness",
    "binding",
    "redirect",
    "domain_limits",
)

NEED_WRK = {"campaign_list", "redirect"}


def main() -> int:
    """Exit 1 if a benchmark failed; a missed mark is no failure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which ones (all): {', '.join(BENCHMARKS)}")
    names = parser.parse_args().names or BENCHMARKS
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    if shutil.which("wrk") is None and NEED_WRK.intersection(names):
        parser.error(f"wrk is missing, which {' and '.join(sorted(NEED_WRK))} need: sudo apt-get install wrk")
    found: list[Result] = []
    failed: list[str] = []
    for name in names:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        try:
            found += asyncio.run(importlib.import_module(f"bench.{name}").run())
        except Exception:  # noqa: BLE001 - the others are worth having all the same
            traceback.print_exc()
            failed.append(name)
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    show(found)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

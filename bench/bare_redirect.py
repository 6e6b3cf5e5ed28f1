"""The yardstick of the redirect: the same HTTP server answers every request with the same 302 and records nothing.

`python -m bench.bare_redirect` prints its port, and serves until its standard input ends.
"""

import asyncio
import gc
import sys

import uvloop

from link_svc.public.http import Reply, Request, answer, serving

FOUND = answer(302, [(b"location", b"https://shop.example/spring"), (b"cache-control", b"no-store")])


def visit(_request: Request, reply: Reply) -> None:
    reply(FOUND)


async def main() -> None:
    async with serving(visit, "127.0.0.1", 0) as port:
        gc.freeze()
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main())

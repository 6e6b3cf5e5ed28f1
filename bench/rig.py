"""The platform a benchmark runs against: real servers, real services, a provider simulator, a client of the gateway."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from volley_contracts import new_id
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack

SERVERS = ("kafka", "postgres", "redis")


class Rig(msgspec.Struct, frozen=True):
    """A platform that runs; `api` calls its gateway as the first administrator."""

    stack: Stack
    api: Api
    provider: Provider

    def pids(self) -> dict[str, int]:
        """The process ids of Volley and its servers by name, without the simulator's."""
        names = [*SERVERS, *(replica.name for replica in self.stack.platform.replicas)]
        return {name: pid for name in names if (pid := self.stack.pid(name)) is not None}

    async def connect(self, url: str = "") -> Api:
        """A client of another account, new and empty."""
        account = await self.api.post("/v1/accounts", {"name": f"bench {new_id()}"})
        return Api(self.api.session, url or self.api.url, account["api_key"]["key"])


@asynccontextmanager
async def rig(
    *, replicas: Mapping[str, int] | None = None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Rig]:
    """Start a platform as an operator would, durable, in a folder of its own; stop it and forget its data at the end.

    `replicas` says how many processes of a service there are (1); `settings` are more VOLLEY_ variables.
    """
    with tempfile.TemporaryDirectory(prefix="volley-bench-") as folder:
        stack = Stack(
            Path(folder), scattered=True, replicas=replicas or {}, settings=settings or {}, with_simulator=True
        )
        try:
            with stack:
                timeout = aiohttp.ClientTimeout(total=600)
                async with aiohttp.ClientSession(timeout=timeout) as session:
                    api = Api(session, stack.url("gateway-api"), stack.bootstrap_key)
                    yield Rig(stack, api, Provider(session, stack.simulator.url))
        finally:
            stack.remove()

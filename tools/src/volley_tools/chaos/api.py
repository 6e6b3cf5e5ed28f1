"""A client of the API that outlives outages of what is behind it."""

import asyncio
import time
from typing import Any

import aiohttp

from volley_tools.demo.api import Api, ApiError

_PATIENCE_SECONDS = 90.0
_AGAIN_SECONDS = 0.3
_OUTAGE = frozenset({429, 500, 502, 503, 504})


class PatientApi(Api):
    """Asks again while the platform does not answer. What a lost answer had done already is answered by a conflict."""

    async def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return await super()._call(method, path, headers, **options)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                problem: Exception = error
            except ApiError as error:
                if error.status not in _OUTAGE:
                    raise
                problem = error
            if time.monotonic() > deadline:
                raise problem
            await asyncio.sleep(_AGAIN_SECONDS)

"""Runs a coroutine to its end from plain code, also where an event loop is running already (tests)."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_LOOPS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="loop")


def run_apart(coroutine: Coroutine[object, object, T]) -> T:
    """Its result, from an event loop of its own on another thread."""
    return _LOOPS.submit(asyncio.run, coroutine).result()

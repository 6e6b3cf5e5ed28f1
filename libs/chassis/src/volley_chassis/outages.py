"""Failures that pass by themselves: of the database, the broker, the network. What meets one is tried again."""

from collections.abc import AsyncIterator

import asyncpg
import redis.exceptions
import stamina
from aiokafka.errors import KafkaError

TRANSIENT: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    KafkaError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
)


def attempts(longest_wait: float) -> AsyncIterator[stamina.Attempt]:
    """Attempts until an outage is over, with at most so many seconds between two. Anything else is raised."""
    return aiter(
        stamina.retry_context(on=TRANSIENT, attempts=None, timeout=None, wait_initial=0.05, wait_max=longest_wait)
    )

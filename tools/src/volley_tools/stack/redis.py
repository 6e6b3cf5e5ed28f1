"""The local Redis: keeps what it is told in an append-only file and refuses writes rather than forget any."""

from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from volley_tools.stack.ports import HOST
from volley_tools.stack.prerequisites import Programs
from volley_tools.stack.processes import Child

# Many numbered databases, so that test runs side by side can have one each.
SETTINGS = {"bind": HOST, "appendonly": "yes", "maxmemory-policy": "noeviction", "databases": "1024", "save": ""}


def redis(programs: Programs, folder: Path, log: Path, port: int) -> Child:
    """The server's process."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = SETTINGS | {"port": str(port), "dir": str(folder)}
    options = [option for name, value in settings.items() for option in (f"--{name}", value)]
    return Child(
        name="redis",
        command=[str(programs.redis_server), *options],
        log=log,
        ready=lambda: answers(f"redis://{HOST}:{port}/0"),
    )


def answers(url: str) -> bool:
    """Whether the server answers and has its data loaded."""
    with Redis.from_url(url, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False

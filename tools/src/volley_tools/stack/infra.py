"""The servers that Volley stands on, as processes with their data in one folder, unless others' are given."""

from pathlib import Path

from volley_tools.stack import postgres
from volley_tools.stack.kafka import kafka
from volley_tools.stack.platform import Addresses
from volley_tools.stack.ports import HOST, Ports
from volley_tools.stack.prerequisites import Programs
from volley_tools.stack.processes import Child
from volley_tools.stack.redis import redis

KAFKA_PORT = 9092
POSTGRES_PORT = 5432
REDIS_PORT = 6379


def servers(
    programs: Programs, folder: Path, ports: Ports, given: Addresses, *, durable: bool
) -> tuple[list[Child], Addresses]:
    """The processes of the servers that are not given, prepared and not started, and the addresses of all.

    `durable=False` lets Postgres forget everything at a crash of the machine: for data that nobody keeps.
    """
    children = []
    kafka_address, postgres_url, redis_url = given.kafka, given.postgres, given.redis
    logs = folder / "logs"
    if not postgres_url:
        port = ports.take(POSTGRES_PORT)
        home = folder / "postgres"
        children.append(postgres.postgres(programs, home, logs / "postgres.log", port, durable=durable))
        postgres_url = postgres.server_url(home, port)
    if not redis_url:
        port = ports.take(REDIS_PORT)
        children.append(redis(programs, folder / "redis", logs / "redis.log", port))
        redis_url = f"redis://{HOST}:{port}/0"
    if not kafka_address:
        port, controller = ports.take(KAFKA_PORT), ports.take(KAFKA_PORT + 1)
        children.append(kafka(programs, folder / "kafka-data", logs / "kafka.log", port, controller))
        kafka_address = f"{HOST}:{port}"
    return children, Addresses(kafka_address, postgres_url, redis_url)

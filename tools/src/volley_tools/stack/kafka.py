"""The local Kafka: one node that is broker and controller (KRaft), its data in one folder."""

import asyncio
import base64
import subprocess
import uuid
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from volley_tools.stack.background import run_apart
from volley_tools.stack.ports import HOST
from volley_tools.stack.prerequisites import Programs
from volley_tools.stack.processes import Child, StackError

SETTINGS = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{host}:{controller_port}
log.dirs={data}
# Topics come from the topic table; one made on first use would race with its first consumer.
auto.create.topics.enable=false
# One node keeps one copy.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A lone group starts at once, and a commit does not wait for others to join it (5 ms a commit otherwise).
group.initial.rebalance.delay.ms=0
group.coordinator.append.linger.ms=0
# After a kill the node waits for its former self's session to end (9 s otherwise).
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# Small: it shares the machine with everything else.
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""

# Records are large and few, so the broker has little to compute: compiling it with care costs more than it gains.
JAVA = ["-Xms64m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]

# Warnings and errors only; the rest of what Kafka says at start fills pages.
LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
LOGGING += ["-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss"]


def kafka(programs: Programs, folder: Path, log: Path, port: int, controller_port: int) -> Child:
    """The broker's process, its data folder formatted if it is new."""
    settings = folder / "server.properties"
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    values = {"host": HOST, "port": port, "controller_port": controller_port, "data": data}
    settings.write_text(SETTINGS.format_map(values))
    java = [str(programs.java), *JAVA, *LOGGING, "-cp", f"{programs.kafka_libs}/*"]
    if not (data / "meta.properties").exists():
        _format(java, settings)
    return Child(
        name="kafka",
        command=[*java, "kafka.Kafka", str(settings)],
        log=log,
        ready=lambda: run_apart(answers(f"{HOST}:{port}")),
    )


async def answers(address: str) -> bool:
    """Whether a broker at `host:port` tells its cluster's members."""
    host, port = address.split(":")
    try:
        _, probe = await asyncio.open_connection(host, int(port))
    except OSError:  # found here, since aiokafka would log each refusal
        return False
    probe.close()
    client = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=2000)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()


async def delete_topics(address: str, prefix: str) -> None:
    """Delete the topics whose names begin with `prefix`."""
    client = AIOKafkaAdminClient(bootstrap_servers=address)
    await client.start()
    try:
        topics = [topic for topic in await client.list_topics() if topic.startswith(prefix)]
        if topics:
            await client.delete_topics(topics)
    finally:
        await client.close()


def _format(java: list[str], settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid5(uuid.NAMESPACE_URL, str(settings)).bytes).decode()[:22]
    format_storage = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(settings)]
    done = subprocess.run([*java, *format_storage], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"Kafka could not format its folder:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

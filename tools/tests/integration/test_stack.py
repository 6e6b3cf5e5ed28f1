"""The local stack: servers that survive a kill with their data, services that come back, no process left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from redis import Redis

from volley_tools.stack import control
from volley_tools.stack.folder import is_locked, read_state
from volley_tools.stack.platform import Addresses, Service
from volley_tools.stack.processes import StackError
from volley_tools.stack.supervisor import Stack

STUB = Service("stub-svc", 8090)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition; an assertion error if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("servers"), services=(), scattered=True)
    try:
        with stack:
            yield stack
    finally:
        stack.remove()


async def test_postgres_keeps_what_was_committed_before_a_kill(servers: Stack) -> None:
    url = f"{servers.addresses.postgres}/postgres"
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept AS SELECT 'here' AS word")
    servers.kill9("postgres")
    connection.terminate()
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(url)
    servers.start_process("postgres")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT word FROM kept") == "here"
    await connection.close()


async def test_kafka_keeps_what_was_acknowledged_before_a_kill(servers: Stack) -> None:
    address = servers.addresses.kafka
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"here")
    await producer.stop()
    servers.kill9("kafka")
    servers.start_process("kafka")
    consumer = AIOKafkaConsumer(bootstrap_servers=address)
    await consumer.start()
    consumer.assign([TopicPartition("kept", 0)])
    await consumer.seek_to_beginning()
    assert (await asyncio.wait_for(consumer.getone(), 20)).value == b"here"
    await consumer.stop()


def test_redis_refuses_to_forget_and_keeps_its_data_over_a_kill(servers: Stack) -> None:
    with Redis.from_url(servers.addresses.redis) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.set("kept", "here")
    servers.kill9("redis")
    servers.start_process("redis")
    with Redis.from_url(servers.addresses.redis) as client:
        assert client.get("kept") == b"here"


def test_a_folder_holds_one_stack_at_a_time(servers: Stack) -> None:
    with pytest.raises(StackError, match="already"):
        Stack(servers.folder, services=(), scattered=True).start()


@pytest.fixture
def stubs(infra: Addresses, topic_prefix: str, tmp_path: Path) -> Iterator[Stack]:
    """Two replicas of a service that does nothing, on the session's servers."""
    stack = Stack(
        tmp_path / "stubs",
        services=(STUB,),
        given=infra,
        replicas={"stub-svc": 2},
        scattered=True,
        prefix=topic_prefix.removesuffix("."),
        settings={"PYTHONPATH": str(Path(__file__).parent / "stub")},
    )
    try:
        with stack:
            yield stack
    finally:
        stack.remove()


def test_who_crashes_is_started_again_and_who_was_killed_on_purpose_is_not(stubs: Stack) -> None:
    stop = threading.Event()
    watcher = threading.Thread(target=stubs.supervise, args=(stop,))
    watcher.start()
    try:
        stubs.kill9("stub-svc-1")
        crashed = stubs.pid("stub-svc")
        assert crashed
        os.kill(crashed, signal.SIGKILL)
        wait_until(lambda: stubs.pid("stub-svc-0") != crashed)
        stubs.start_process("stub-svc-0")
        assert not stubs.alive("stub-svc-1")
        stubs.start_process("stub-svc-1")
        assert stubs.alive("stub-svc-1")
        assert stubs.url("stub-svc-1") != stubs.url("stub-svc")
    finally:
        stop.set()
        watcher.join()


def test_one_process_is_frozen_stopped_and_started_with_settings_of_its_own(stubs: Stack) -> None:
    stubs.freeze("stub-svc-0")
    process = psutil.Process(stubs.pid("stub-svc-0"))
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED)
    stubs.thaw("stub-svc-0")
    wait_until(lambda: process.status() != psutil.STATUS_STOPPED)
    stubs.stop_process("stub-svc-0")
    assert not stubs.alive("stub-svc-0")
    for settings in ({"VOLLEY_FAULT": "here:1"}, {}):
        stubs.start_process("stub-svc-0", settings)
        environment = psutil.Process(stubs.pid("stub-svc-0")).environ()
        assert {name: value for name, value in environment.items() if name == "VOLLEY_FAULT"} == settings
        stubs.kill9("stub-svc-0")


def test_a_service_that_fails_to_start_is_named_with_its_log(
    infra: Addresses, topic_prefix: str, tmp_path: Path
) -> None:
    stack = Stack(
        tmp_path / "absent",
        services=(Service("absent-svc", 8090),),
        given=infra,
        scattered=True,
        prefix=topic_prefix.removesuffix("."),
    )
    try:
        with pytest.raises(StackError, match=r"migrate-absent-svc failed(.|\n)*No module named absent_svc"):
            stack.start()
        assert not is_locked(stack.folder)
    finally:
        stack.remove()


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_supervisor(blow: signal.Signals, tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    command = [sys.executable, "-m", "volley_tools.stack", "run", "--folder", str(folder), "--servers-only"]
    supervisor = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until(lambda: read_state(folder).get("status") == "ready" or supervisor.poll() is not None)
        family = psutil.Process(supervisor.pid).children(recursive=True)
        assert {"java", "postgres", "redis-server"} <= {process.name() for process in family}
        supervisor.send_signal(blow)
        output, _ = supervisor.communicate(timeout=25)
        assert psutil.wait_procs(family, timeout=10)[1] == []
        assert supervisor.returncode == (-signal.SIGKILL if blow == signal.SIGKILL else 0), output
    finally:
        supervisor.kill()
        supervisor.wait()
        Stack(folder).remove()


def test_a_stop_while_it_starts_leaves_no_process_either(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    command = [sys.executable, "-m", "volley_tools.stack", "run", "--folder", str(folder), "--servers-only"]
    supervisor = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until(lambda: read_state(folder).get("status") == "starting" or supervisor.poll() is not None)
        family = psutil.Process(supervisor.pid).children(recursive=True)
        supervisor.send_signal(signal.SIGINT)
        supervisor.communicate(timeout=25)
        assert family
        assert psutil.wait_procs(family, timeout=10)[1] == []
    finally:
        supervisor.kill()
        supervisor.wait()
        Stack(folder).remove()


def test_a_stack_in_the_background_starts_again_after_its_supervisor_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "stack"

    def tell(command: str) -> str:
        told = [sys.executable, "-m", "volley_tools.stack", command, "--folder", str(folder)]
        return subprocess.run(told, check=True, capture_output=True, text=True).stdout

    try:
        assert tell("infra-up").count("export VOLLEY_TEST_") == 3
        killed = read_state(folder)["pid"]
        tell("infra-up")
        assert read_state(folder)["pid"] == killed
        psutil.Process(killed).kill()
        wait_until(lambda: not is_locked(folder))
        assert "Nothing is running" in tell("status")
        tell("infra-up")
        assert read_state(folder)["pid"] != killed
        assert "kafka" in tell("status")
        assert "Stopped" in tell("infra-down")
        assert "Nothing was running" in tell("infra-down")
    finally:
        control.stop(folder)
        Stack(folder).remove()

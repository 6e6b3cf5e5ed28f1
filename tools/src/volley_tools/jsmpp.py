"""An SMPP server not written here: `SMPPServerSimulator` of jSMPP's examples, in a Java process of its own.

It takes one account, sends a few messages of its own after the bind (and ends if the session is gone by then), answers
every submit at once, sends receipts where they are asked for about a second later, and logs what it sees.
"""

from pathlib import Path

from volley_tools.stack.prerequisites import ROOT, ensure_jars, find_java
from volley_tools.stack.processes import Child, StackError

POM = ROOT / "tools" / "jsmpp" / "pom.xml"
SYSTEM_ID = "volley"
PASSWORD = "secret"  # noqa: S105 - of a server for tests, on loopback

_START_SECONDS = 30.0
_MAIN = "org.jsmpp.examples.SMPPServerSimulator"


def start(port: int, log: Path | None = None) -> Child:
    """The server, listening on `port` for SYSTEM_ID and PASSWORD; stop it with `stop`.

    Its jars are fetched once; its log is in .volley/logs/ unless it is told where. StackError says what is missing, or
    shows the end of the log if it does not start.
    """
    java = find_java()
    if java is None:
        raise StackError("Java 17+ is missing: apt-get install default-jre-headless")
    jars = ensure_jars(POM, ROOT / ".volley" / "jsmpp" / "3.0.2", "jSMPP's server from Maven Central (about 1 MB)")
    log = log or ROOT / ".volley" / "logs" / f"jsmpp-{port}.log"
    log.unlink(missing_ok=True)  # what it says there tells when it is ready
    settings = {
        "jsmpp.simulator.port": str(port),
        "jsmpp.client.systemId": SYSTEM_ID,
        "jsmpp.client.password": PASSWORD,
        "org.slf4j.simpleLogger.defaultLogLevel": "info",
    }
    flags = [f"-D{name}={value}" for name, value in settings.items()]
    server = Child(
        name="jsmpp",
        command=[str(java), "-Xmx128m", *flags, "-cp", f"{jars}/*", _MAIN],
        log=log,
        ready=lambda: log.exists() and f"Listening on port {port}" in log.read_text(errors="replace"),
    )
    server.start()
    try:
        server.wait_ready(_START_SECONDS)
    except StackError:
        server.kill9()
        raise
    return server


def stop(server: Child) -> None:
    """End it at once; it keeps nothing that could be lost."""
    server.kill9()

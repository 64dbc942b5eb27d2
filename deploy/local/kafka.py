"""One real Kafka broker (KRaft, single node) on loopback, from Maven Central's jars.

A server's directory holds all that it is: its ports, its properties and its log segments. Whoever
opens the same directory again finds the same cluster on the same port.
"""

from __future__ import annotations

import base64
import fcntl
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.local.errors import FetchError, ServerSetupError
from deploy.local.ports import LOOPBACK, is_listening, remembered_ports
from deploy.local.processes import (
    STOP_SECONDS,
    ManagedProcess,
    ProcessIdentity,
    wait_until_abandoned,
)

KAFKA_VERSION = "4.3.1"
DEFAULT_CACHE_DIRECTORY = Path(".trellis/cache") / f"kafka-{KAFKA_VERSION}"
DEFINITION_DIRECTORY = Path(__file__).parent / "kafka"
BROKER_JAR = f"kafka_2.13-{KAFKA_VERSION}.jar"

FETCH_SECONDS = 300.0
FORMAT_SECONDS = 60.0
# Open after 3 s on an idle machine; the rest is for one where several test runs start at once.
READY_SECONDS = 90.0
ANSWER_MILLISECONDS = 5000

# The broker's own default, written down: 1 MiB of payload and the overhead of one record batch.
# A producer with default settings refuses a record of 2 MB by itself (max_request_size is 1 MiB),
# and one that was told to send it anyway is refused here.
MESSAGE_MAX_BYTES = 1024 * 1024 + 12
# After SIGKILL the controller waits for the dead broker's session to end before it lets the new one
# in: 9 s by default, which a test that kills the broker would spend each time.
BROKER_SESSION_MILLISECONDS = 4000
BROKER_HEARTBEAT_MILLISECONDS = 1000
# For a broker that shares a small machine and seldom lives for long: while records came in as fast
# as they could, it took a third of the CPU that it takes with G1 and the second compiler.
JAVA_OPTIONS = (
    *("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    "-Djava.awt.headless=true",
)


def server_properties(*, data_directory: Path, port: int, controller_port: int) -> str:
    """Write the broker's properties: one node that is broker and controller."""
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={LOOPBACK}:{controller_port}
listeners=PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}
advertised.listeners=PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data_directory}
auto.create.topics.enable=false
message.max.bytes={MESSAGE_MAX_BYTES}
broker.session.timeout.ms={BROKER_SESSION_MILLISECONDS}
broker.heartbeat.interval.ms={BROKER_HEARTBEAT_MILLISECONDS}
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


class KafkaServer:
    """A broker that can be started, stopped, killed, paused and wiped."""

    def __init__(
        self,
        directory: Path,
        *,
        cache_directory: Path = DEFAULT_CACHE_DIRECTORY,
        log_path: Path | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.data_directory = self.directory / "data"
        self.cache_directory = cache_directory.resolve()
        self.ports = remembered_ports(self.directory / "ports.json", ("broker", "controller"))
        self._properties = self.directory / "server.properties"
        self.process = ManagedProcess(
            name="kafka",
            argv=self._java("kafka.Kafka", str(self._properties)),
            log_path=(log_path or self.directory / "kafka.log").resolve(),
            working_directory=self.directory,
        )

    @property
    def port(self) -> int:
        """The port that clients dial; it stays the same over restarts and wipes."""
        return self.ports["broker"]

    @property
    def address(self) -> str:
        """Where it is, as a person wants to see it."""
        return self.bootstrap_servers

    @property
    def bootstrap_servers(self) -> str:
        """The address that clients are given."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def log_path(self) -> Path:
        """The broker's log."""
        return self.process.log_path

    def start(self) -> None:
        """Start the broker and wait until it answers; nothing happens when it already runs."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> ProcessIdentity:
        """Start the broker's process without waiting for it."""
        if self.is_alive():
            return self.process.start()
        wait_until_abandoned(self.directory, "java")
        fetch_jars(self.cache_directory)
        self._properties.write_text(
            server_properties(
                data_directory=self.data_directory,
                port=self.port,
                controller_port=self.ports["controller"],
            ),
            encoding="utf-8",
        )
        if not (self.data_directory / "meta.properties").exists():
            self._format()
        return self.process.start()

    def wait_until_ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until the broker answers a request for its metadata."""
        self.process.wait_until_ready(self.answers, seconds=seconds)

    def answers(self) -> bool:
        """Whether the broker answers a real request for its metadata."""
        # The port first: kafka-python logs a line for each address that does not answer.
        return is_listening(self.port) and has_brokers(self.bootstrap_servers)

    def is_alive(self) -> bool:
        """Whether the broker's process runs (also when it is paused)."""
        return self.process.is_alive()

    def stop(self, *, seconds: float = STOP_SECONDS) -> bool:
        """Shut the broker down cleanly (SIGTERM), or kill it after the bound."""
        return self.process.stop(seconds=seconds)

    def kill(self) -> bool:
        """End the broker with SIGKILL; its data stays."""
        return self.process.kill()

    def pause(self) -> None:
        """Freeze the broker (SIGSTOP)."""
        self.process.pause()

    def resume(self) -> None:
        """Let a frozen broker go on (SIGCONT)."""
        self.process.resume()

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Kill the broker and empty its data; the next start makes a new cluster, same port."""
        self.kill()
        shutil.rmtree(self.data_directory, ignore_errors=True)

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        logging = DEFINITION_DIRECTORY / "log4j2.properties"
        return [
            "java",
            *JAVA_OPTIONS,
            f"-Dlog4j2.configurationFile={logging}",
            "-cp",
            f"{self.cache_directory}/*",
            main_class,
            *arguments,
        ]

    def _format(self) -> None:
        # A directory half formatted by a killed run cannot be used: begin with an empty one.
        shutil.rmtree(self.data_directory, ignore_errors=True)
        command = self._java(
            "kafka.tools.StorageTool",
            *("format", "--standalone", "-t", new_cluster_id(), "-c", str(self._properties)),
        )
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=FORMAT_SECONDS, check=False
        )
        if result.returncode != 0:
            raise ServerSetupError(
                what=f"Kafka's storage at {self.data_directory} could not be formatted.",
                why=(result.stderr or result.stdout).strip(),
                action="Check that java -version says 17 or newer and that the disk has room.",
            )


def new_cluster_id() -> str:
    """Make a cluster id as `StorageTool random-uuid` does, without its second of Java."""
    identifier = "-"
    while identifier.startswith("-"):  # the tool would take it for an option; 1 in 64 does
        identifier = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    return identifier


def has_brokers(bootstrap_servers: str) -> bool:
    """Whether a cluster at this address answers with at least one broker."""
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap_servers,
            request_timeout_ms=ANSWER_MILLISECONDS,
            bootstrap_timeout_ms=ANSWER_MILLISECONDS,
        )
    except KafkaError:
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    except KafkaError:
        return False
    finally:
        admin.close()


def fetch_jars(cache_directory: Path) -> None:
    """Bring Kafka's jars into the cache once; several runs may ask for them at the same time."""
    if (cache_directory / BROKER_JAR).exists():
        return
    cache_directory.parent.mkdir(parents=True, exist_ok=True)
    with _exclusive(cache_directory.parent / ".fetching-kafka.lock"):
        if (cache_directory / BROKER_JAR).exists():
            return
        print(f"Fetching Kafka {KAFKA_VERSION} with Maven (43 MB, once) …", file=sys.stderr)
        temporary = Path(tempfile.mkdtemp(prefix="fetching-", dir=cache_directory.parent))
        try:
            _copy_dependencies(temporary)
            # A cache is whole or absent: it appears under its name only when all is there.
            shutil.rmtree(cache_directory, ignore_errors=True)
            temporary.chmod(0o755)
            temporary.rename(cache_directory)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _copy_dependencies(target: Path) -> None:
    command = [
        *("mvn", "-q", "-B", "-f", str(DEFINITION_DIRECTORY / "pom.xml")),
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={target}",
    ]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
        output = (result.stdout + result.stderr).strip()
    except FileNotFoundError:
        output = "There is no mvn on the PATH."
    except subprocess.TimeoutExpired:
        output = f"Maven did not end within {FETCH_SECONDS:.0f} seconds."
    if not (target / BROKER_JAR).exists():
        raise FetchError(
            what=f"Kafka {KAFKA_VERSION} could not be fetched.",
            why=output or f"Maven brought no {BROKER_JAR}.",
            action="Check the network and Maven's settings, or set"
            " TRELLIS_KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs elsewhere.",
        )


@contextmanager
def _exclusive(lock_path: Path) -> Iterator[None]:
    """Hold a lock between processes; the kernel drops it when its holder dies."""
    deadline = time.monotonic() + FETCH_SECONDS
    with lock_path.open("w") as lock:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                raise FetchError(
                    what="Another run has been fetching Kafka for too long.",
                    why=f"{lock_path} was held for {FETCH_SECONDS:.0f} seconds.",
                    action="Wait for the other run or end it, and try again.",
                )
            time.sleep(0.2)
        yield

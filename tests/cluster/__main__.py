"""The chart on a real Kubernetes of three nodes: installed, upgraded, drained and broken.

Each case does something to a release while a made-up district's term of records comes in, or
after it, and then asks for the same end: every record answered, the state's hash and the weeks
those of an undisturbed run. What it took until all was well is printed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from tests.cluster import network
from tests.cluster.images import (
    checkout_of,
    kafka_image,
    postgres_image,
    trellis_image,
)
from tests.cluster.release import Release, wait_until
from tests.cluster.tool import ClusterCommandError, ClusterTool

NEW: Final = "new"
OLD: Final = "old"
WORKERS: Final = (2, 3)
"""Nodes beside that of the control plane."""


@dataclass(kw_only=True)
class Result:
    """What a case ended in."""

    name: str
    seconds: float
    healthy_seconds: float | None = None
    problem: str = ""


class ClusterTest:
    """Runs cases one after the other upon one cluster."""

    def __init__(self, tool: ClusterTool, console: Console) -> None:
        self.tool = tool
        self.console = console
        self.release = Release(tool=tool)
        self.results: list[Result] = []
        self.reference: dict[str, Any] = {}

    def case(self, name: str, action: Callable[[], float | None]) -> None:
        """Run a case and keep what it ended in; a failure does not end the others."""
        self.console.print(f"[bold]{name}[/bold]")
        start = time.monotonic()
        result = Result(name=name, seconds=0)
        try:
            result.healthy_seconds = action()
        except (ClusterCommandError, TimeoutError, AssertionError) as error:
            result.problem = str(error)[-3_000:] or type(error).__name__
            self.console.print(result.problem, style="red", markup=False)
        result.seconds = time.monotonic() - start
        self.results.append(result)
        self.console.print(f"  {'FAILED' if result.problem else 'ok'}, {result.seconds:.0f} s")

    def install(self, tag: str) -> float:
        """Install from nothing."""
        self.release.prepare()
        seconds = self.release.install(tag)
        self.release.test()
        return seconds

    def undisturbed(self) -> None:
        """Take the figures of an undisturbed run as what all others must end in."""
        self.reference = self.release.demo_figures()
        self.console.print(f"  state {self.reference['state_hash'][:16]}…")

    def again(self, tag: str) -> None:
        """Send everything again and compare: nothing lost, nothing counted twice."""
        self.release.start_demo(tag)
        self.compare()

    def compare(self) -> None:
        """Wait for a demonstration that runs and hold its end against the undisturbed one."""
        figures = self.release.demo_figures()
        assert figures["state_hash"] == self.reference["state_hash"], "the state differs"
        assert figures["refused"] == self.reference["refused"], "other records are refused"
        assert figures["folded"] == self.reference["folded"], "pieces are lost or counted twice"

    def network(self) -> None:
        """Dial everything from every pod, and call with certificates of others."""
        found = network.differences(self.release)
        assert not found, "\n".join(found)
        # Mastery is for the scheduler and for clients; evidence calls nobody.
        answers = network.certificates(self.release)
        expected = {
            "evidence": "CLIENT_NOT_ALLOWED",
            "scheduler": "UNAUTHENTICATED",
            "client": "UNAUTHENTICATED",
        }
        assert answers == expected, str(answers)

    def upgrade_under_load(self) -> float:
        """Upgrade while a term comes in."""
        self.release.start_demo(OLD)
        seconds = self.release.upgrade(NEW)
        self.compare()
        return seconds

    def bad_release(self) -> float:
        """Upgrade to an image that there is not; it goes back by itself."""
        start = time.monotonic()
        try:
            self.release.upgrade("missing", "--rollback-on-failure", "--no-hooks", "--timeout=60s")
        except ClusterCommandError:
            pass
        else:
            raise AssertionError("an image that there is not went up")
        # A StatefulSet keeps the pod that cannot start, also after the way back.
        for process in ("mastery-worker", "evidence-quick-checks"):
            for pod in self.release.pods_of(process):
                if "missing" in pod["spec"]["containers"][0]["image"]:
                    self.release.kubectl("delete", "pod", pod["metadata"]["name"])
        self.release.wait_until_ready()
        self.again(NEW)
        return time.monotonic() - start

    def lost_pod(self, name: str) -> float:
        """Delete a server's pod without grace while a term comes in."""
        self.release.start_demo(NEW)
        time.sleep(20)
        self.release.kubectl("delete", "pod", name, "--grace-period=0", "--force")
        seconds = self.release.wait_until_ready()
        self.compare()
        return seconds

    def drain(self, number: int) -> float:
        """Drain a node while a term comes in, and take it back."""
        self.release.start_demo(NEW)
        node = f"node{number}"
        self.tool.kubectl(
            *("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force"),
            "--timeout=240s",
        )
        seconds = self.release.wait_until_ready()
        self.tool.kubectl("uncordon", node)
        self.compare()
        return seconds

    def node_dies(self, number: int) -> float:
        """Let a node die; its Node is deleted, as a cloud's controller would do."""
        self.release.start_demo(NEW)
        start = time.monotonic()
        self.tool.kill_node(number)
        node = f"node{number}"
        self.tool.kubectl("wait", "--for=condition=Ready=Unknown", f"node/{node}", "--timeout=90s")
        self.tool.kubectl("delete", "node", node)
        self.release.wait_until_ready(seconds=420)
        self.compare()
        return time.monotonic() - start

    def out_of_memory(self) -> float:
        """Give a worker less memory than it needs: it is killed, and with enough it goes on."""
        worker = "processes.mastery-worker.resources.limits.memory"
        self.release.start_demo(NEW)
        self.release.upgrade_without_waiting(NEW, {worker: "64Mi"})
        wait_until(lambda: self._killed("mastery-worker"), 180, lambda: "nothing was killed")
        start = time.monotonic()
        self.release.kubectl("delete", "pod", "--selector=app.kubernetes.io/name=mastery-worker")
        self.release.upgrade(NEW)
        self.compare()
        return time.monotonic() - start

    def _killed(self, process: str) -> bool:
        for pod in self.release.pods_of(process):
            for status in pod["status"].get("containerStatuses", ()):
                for state in (status.get("state", {}), status.get("lastState", {})):
                    if state.get("terminated", {}).get("reason") == "OOMKilled":
                        return True
        return False

    def report(self) -> bool:
        """Print the table; return whether all went well."""
        table = Table("case", "ended", "seconds", "until healthy, s")
        for one in self.results:
            healthy = "" if one.healthy_seconds is None else f"{one.healthy_seconds:.0f}"
            table.add_row(
                one.name, (one.problem and "FAILED") or "ok", f"{one.seconds:.0f}", healthy
            )
        self.console.print(table)
        return not any(one.problem for one in self.results)


def build_images(tool: ClusterTool, old: str, console: Console) -> None:
    """Build and load the images of both releases, and of the servers."""
    with console.status("Building images"):
        archives = [kafka_image(tool), postgres_image(tool), trellis_image(tool, NEW)]
        with checkout_of(old) as place:
            archives.append(trellis_image(tool, OLD, place))
    for one in archives:
        tool.load(one)


def cases(test: ClusterTest) -> Sequence[tuple[str, Callable[[], float | None]]]:
    """Return the cases in their order, by name."""
    return (
        ("install from nothing", lambda: test.install(OLD)),
        ("a school's week through the Services", test.undisturbed),
        ("who may reach whom", test.network),
        ("upgrade under load", test.upgrade_under_load),
        ("a bad release goes back by itself", test.bad_release),
        ("Kafka's pod is lost", lambda: test.lost_pod("maple-kafka-0")),
        ("PostgreSQL's pod is lost", lambda: test.lost_pod("maple-postgres-0")),
        ("a worker is out of memory", test.out_of_memory),
        *((f"drain of node {one}", lambda one=one: test.drain(one)) for one in WORKERS),
        ("death of node 3", lambda: test.node_dies(3)),
    )


@click.command()
@click.option("--old", default="v0.1.0", show_default=True, help="Release that comes first.")
@click.option("--only", default="", help="Cases whose names hold this, beside the first two.")
@click.option("--keep", is_flag=True, help="Leave the cluster up at the end.")
def main(old: str, only: str, keep: bool) -> None:
    """Install, upgrade, drain and break the chart on a real Kubernetes."""
    console = Console(width=120)
    tool = ClusterTool()
    tool.build()
    tool.down()
    tool.up()
    try:
        build_images(tool, old, console)
        test = ClusterTest(tool, console)
        for number, (name, action) in enumerate(cases(test)):
            if number < 2 or only in name:
                test.case(name, action)
        well = test.report()
    finally:
        if not keep:
            tool.down()
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main(prog_name="python -m tests.cluster")

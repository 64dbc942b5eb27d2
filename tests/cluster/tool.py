"""The tool that runs a real Kubernetes of three nodes on one machine, without a registry.

It is not part of the project: TRELLIS_CLUSTER says where it is (by default beside the checkout).
Nothing listens on the machine's own loopback; `down` ends all of it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

VARIABLE: Final = "TRELLIS_CLUSTER"
ROOT: Final = Path(__file__).parents[2]
BESIDE: Final = ROOT.parent / "shared" / "cluster" / "cluster"
BUILD_SECONDS: Final = 3_600
COMMAND_SECONDS: Final = 900


class ClusterCommandError(Exception):
    """A command of the cluster failed; the message is what it printed."""


class ClusterTool:
    """Starts, fills and ends the cluster, and runs kubectl and helm in it."""

    def __init__(self, program: Path | None = None) -> None:
        self._program = program or Path(os.environ.get(VARIABLE) or BESIDE)
        if not self._program.exists():
            raise ClusterCommandError(
                f"There is no cluster tool at {self._program}. Say where it is in {VARIABLE}."
            )

    def build(self) -> None:
        """Make what the cluster runs on; what is there already is skipped."""
        self._run("build", seconds=BUILD_SECONDS)

    def image(self, context: Path, tag: str, *arguments: str) -> Path:
        """Build an image and return the archive that `load` takes."""
        printed = self._run("image", str(context), tag, *arguments, seconds=BUILD_SECONDS)
        return Path(printed.strip().splitlines()[-1])

    def up(self) -> None:
        """Start three nodes."""
        self._run("up")

    def down(self) -> None:
        """End everything."""
        self._run("down")

    def load(self, archive: Path) -> None:
        """Give an image to every node."""
        self._run("load", str(archive))

    def kill_node(self, number: int) -> None:
        """Let a node die with all that runs on it."""
        self._run("killnode", str(number))

    def own_volumes(self, user: int) -> None:
        """Give every volume to a user.

        This cluster makes folders of root and knows no fsGroup, which storage elsewhere does.
        """
        self._run("node", "1", "sh", "-c", f"chown {user}:{user} /tmp/hostpath_pv/*")

    def kubectl(
        self, *arguments: str, stdin: str | None = None, seconds: float = COMMAND_SECONDS
    ) -> str:
        """Run kubectl and return what it printed."""
        return self._run("kubectl", *arguments, stdin=stdin, seconds=seconds)

    def helm(self, *arguments: str, seconds: float = COMMAND_SECONDS) -> str:
        """Run helm and return what it printed."""
        return self._run("helm", *arguments, seconds=seconds)

    def _run(
        self, *arguments: str, stdin: str | None = None, seconds: float = COMMAND_SECONDS
    ) -> str:
        done = subprocess.run(
            ["bash", str(self._program), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=self._environment(),
        )
        if done.returncode:
            said = f"{done.stdout}{done.stderr}".strip()
            raise ClusterCommandError(f"{_shown(arguments)} failed:\n{said}")
        return done.stdout

    def _environment(self) -> Mapping[str, str]:
        # A token of this shell's must not reach another cluster.
        return {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}


def _shown(arguments: Sequence[str]) -> str:
    return " ".join(arguments[:8])

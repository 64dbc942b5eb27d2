"""A release of the chart in the cluster: installed, looked at, and asked what it holds."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import yaml

from deploy.kubernetes.certificates import Authority
from deploy.kubernetes.secrets import Secrets
from deploy.local.services import PROCESSES as LOCAL_PROCESSES
from deploy.local.tokens import DEVELOPMENT_LEARNER_KEY, DISTRICT
from tests.cluster.images import KAFKA, POSTGRES, REPOSITORY
from tests.cluster.tool import ClusterCommandError, ClusterTool
from tests.support.helm import CHART

DAYS: Final = 30
POLL_SECONDS: Final = 1.0
INSTALL_SECONDS: Final = 600.0
UPGRADE_TIMEOUT: Final = "10m"
NOBODY: Final = 65534
OWN_SERVERS: Final = 2
"""Kafka and PostgreSQL of the small profile: a volume each."""
DEMO_SECONDS: Final = 1_800.0
READY_SECONDS: Final = 300.0
PROCESSES: Final = tuple(one.name for one in LOCAL_PROCESSES)


@dataclass(kw_only=True)
class Release:
    """One release in a namespace of its own. `values` go to Helm beside those of the test."""

    tool: ClusterTool
    name: str = "maple"
    namespace: str = "schools"
    values: dict[str, Any] = field(default_factory=dict)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the namespace."""
        return self.tool.kubectl("--namespace", self.namespace, *arguments, stdin=stdin)

    def prepare(self) -> None:
        """Make the namespace, restricted, and the secrets; learners' ids are those of the demo."""
        self.tool.kubectl("create", "namespace", self.namespace)
        enforce = "pod-security.kubernetes.io/enforce=restricted"
        self.tool.kubectl("label", "namespace", self.namespace, enforce)
        authority = Authority(datetime.now(UTC), DAYS)
        manifests = Secrets(self.name, self.namespace).manifests(DISTRICT, authority)
        for one in manifests:
            if one["metadata"]["name"].endswith("-learner-keys"):
                keys = json.dumps({DISTRICT: DEVELOPMENT_LEARNER_KEY}).encode()
                one["data"] = {"learner-keys.json": base64.b64encode(keys).decode()}
        self.kubectl("apply", "--filename=-", stdin=yaml.safe_dump_all(manifests))

    def install(self, tag: str) -> float:
        """Install from nothing; return the seconds until every pod was ready."""
        start = time.monotonic()
        self._helm("install", tag)
        wait_until(self._volumes_are_there, READY_SECONDS, lambda: self.kubectl("get", "pvc"))
        self.tool.own_volumes(NOBODY)
        self.wait_until_ready(seconds=INSTALL_SECONDS)
        return time.monotonic() - start

    def upgrade(self, tag: str, *arguments: str, values: Mapping[str, Any] | None = None) -> float:
        """Upgrade to an image; return the seconds that it took."""
        start = time.monotonic()
        more = ("--wait", f"--timeout={UPGRADE_TIMEOUT}", *arguments)
        self._helm("upgrade", tag, *more, values=values)
        self.wait_until_ready()
        return time.monotonic() - start

    def upgrade_without_waiting(self, tag: str, values: Mapping[str, Any]) -> None:
        """Upgrade to values with which it may never become ready."""
        self._helm("upgrade", tag, "--no-hooks", values=values)

    def test(self) -> None:
        """Run `helm test`."""
        self.tool.helm("test", self.name, "--namespace", self.namespace, "--timeout=120s")

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> float:
        """Wait until every pod of every process is ready; return the seconds."""
        start = time.monotonic()
        wait_until(lambda: not self.unready(), seconds, lambda: f"not ready: {self.unready()}")
        return time.monotonic() - start

    def unready(self) -> list[str]:
        """Return the workloads that have fewer ready pods than they should, or old ones."""
        found = []
        items = json.loads(self.kubectl("get", "deployment,statefulset", "--output=json"))["items"]
        for one in items:
            wanted, status = one["spec"]["replicas"], one["status"]
            ready = status.get("readyReplicas", 0)
            current = status.get("updatedReplicas", 0)
            if ready != wanted or current != wanted:
                found.append(f"{one['metadata']['name']} {ready}/{wanted}")
        return found

    def start_demo(self, tag: str) -> None:
        """Start the demonstration as a job, anew."""
        self.kubectl("delete", "job", f"{self.name}-demo", "--ignore-not-found", "--wait")
        rendered = self.tool.helm(
            "template",
            self.name,
            str(CHART),
            f"--namespace={self.namespace}",
            "--show-only=templates/demo.yaml",
            *self._options(tag),
            *_set({"demo.enabled": True}),
        )
        self.kubectl("apply", "--filename=-", stdin=rendered)

    def demo_figures(self) -> dict[str, Any]:
        """Wait for the end of the demonstration, and return its figures."""
        job = f"job/{self.name}-demo"

        def ended() -> bool:
            return bool(self._condition(job, "Complete") or self._condition(job, "Failed"))

        wait_until(ended, DEMO_SECONDS, lambda: self.kubectl("logs", job, "--tail=40"))
        printed = self.kubectl("logs", job, "--tail=-1")
        if not self._condition(job, "Complete"):
            raise ClusterCommandError(f"the demonstration failed:\n{printed[-4000:]}")
        figures: dict[str, Any] = json.loads(printed[printed.rindex("\n{") :])
        return figures

    def pods_of(self, process: str) -> list[dict[str, Any]]:
        """Return the pods of a process."""
        selector = f"--selector=app.kubernetes.io/name={process}"
        items: list[dict[str, Any]] = json.loads(
            self.kubectl("get", "pods", selector, "--output=json")
        )["items"]
        return items

    def _volumes_are_there(self) -> bool:
        claims = json.loads(self.kubectl("get", "pvc", "--output=json"))["items"]
        return len(claims) == OWN_SERVERS and all(
            one["status"].get("phase") == "Bound" for one in claims
        )

    def secret(self, suffix: str) -> dict[str, str]:
        """Return what a secret of the release holds."""
        printed = self.kubectl("get", "secret", f"{self.name}-{suffix}", "--output=json")
        data: dict[str, str] = json.loads(printed)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def _condition(self, what: str, kind: str) -> str:
        path = f'--output=jsonpath={{.status.conditions[?(@.type=="{kind}")].status}}'
        return self.kubectl("get", what, path)

    def _helm(
        self, verb: str, tag: str, *arguments: str, values: Mapping[str, Any] | None = None
    ) -> None:
        named = (verb, self.name, str(CHART), f"--namespace={self.namespace}")
        self.tool.helm(*named, *self._options(tag), *_set(values or {}), *arguments)

    def _options(self, tag: str) -> list[str]:
        return _set(
            {
                "image.repository": REPOSITORY,
                "image.tag": tag,
                "image.pullPolicy": "Never",
                # Three nodes of one machine shall hold them all.
                "small.kafka.image": KAFKA,
                "small.postgres.image": POSTGRES,
                "small.kafka.resources.requests.cpu": "10m",
                "small.postgres.resources.requests.cpu": "10m",
                **{f"processes.{one}.resources.requests.cpu": "10m" for one in PROCESSES},
                "demo.enabled": True,
                **self.values,
            }
        )


def wait_until(
    condition: Callable[[], bool], seconds: float, explain: Callable[[], str] = lambda: ""
) -> None:
    """Poll until the condition holds; raises TimeoutError with what `explain` says."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {explain()}")
        time.sleep(POLL_SECONDS)


def _set(values: Mapping[str, Any]) -> list[str]:
    return [f"--set-json={key}={json.dumps(value)}" for key, value in values.items()]

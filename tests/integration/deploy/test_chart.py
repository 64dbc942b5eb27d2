"""The chart as Helm renders it: valid, restricted, and the same processes as everywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate
import pytest

from deploy.local.services import PROCESSES
from services.common.config import variable_name
from services.evidence.config import EvidenceSettings
from services.mastery.config import MasterySettings
from services.scheduler.config import SchedulerSettings
from tests.support.helm import (
    CHART,
    KUBERNETES,
    PRODUCTION,
    PROFILES,
    HelmError,
    helm,
    rendered,
    said,
)

SETTINGS = (EvidenceSettings, MasterySettings, SchedulerSettings)
OF_OPERATORS = {"Kafka", "KafkaNodePool", "Cluster"}
WORKLOADS = {"Deployment", "StatefulSet", "Job", "Pod"}
Resource = dict[str, Any]

every_profile = pytest.mark.parametrize("profile", PROFILES)


@cache
def resources(profile: str) -> tuple[Resource, ...]:
    """Return what a profile renders to, at its installation and at an upgrade."""
    values = PROFILES[profile]
    return (*rendered(values), *rendered(values, upgrade=True))


def pods(profile: str) -> Iterator[tuple[str, Resource]]:
    """Yield the name and the pod's specification of each workload."""
    for one in resources(profile):
        if one["kind"] == "Pod":
            yield one["metadata"]["name"], one["spec"]
        elif one["kind"] in WORKLOADS:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def containers(profile: str) -> Iterator[tuple[str, Resource]]:
    """Yield the containers of all pods, those of the beginning among them."""
    for name, pod in pods(profile):
        for one in (*pod.get("initContainers", ()), *pod["containers"]):
            yield f"{name}/{one['name']}", one


def test_helm_finds_nothing_to_say_against_it() -> None:
    """In both profiles; strictly, so that a warning fails."""
    helm("lint", "--strict", str(CHART))
    helm("lint", "--strict", str(CHART), *said(PRODUCTION))


@every_profile
def test_each_resource_is_as_its_schema_says(profile: str) -> None:
    """Strictly: a field that Kubernetes does not know is a slip. Operators' are not here."""
    checked = 0
    for one in resources(profile):
        if one["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(one, KUBERNETES, strict=True)
            checked += 1
    assert checked > 50


@every_profile
def test_no_pod_may_more_than_the_restricted_standard_lets_it(profile: str) -> None:
    """Pod Security `restricted`, and a root that cannot be written, and no token of the cluster."""
    for name, pod in pods(profile):
        assert pod["automountServiceAccountToken"] is False, name
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
        kinds = {kind for one in pod.get("volumes", ()) for kind in one if kind != "name"}
        assert kinds <= {"emptyDir", "secret", "configMap"}, name
    for name, one in containers(profile):
        security = one["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["readOnlyRootFilesystem"] is True, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name


@every_profile
def test_each_container_has_bounds_and_an_image_that_stays_the_same(profile: str) -> None:
    """Memory is bounded; CPU is asked for and not cut off."""
    for name, one in containers(profile):
        assert one["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert one["resources"]["limits"].keys() == {"memory"}, name
        assert re.search(r":[^:/]+$|@sha256:", one["image"]), name
        assert not one["image"].endswith(":latest"), name


@every_profile
def test_whatever_goes_on_is_probed_in_three_ways(profile: str) -> None:
    """Life never asks another process: then a fault there would restart all of them."""
    for one in resources(profile):
        if one["kind"] not in ("Deployment", "StatefulSet"):
            continue
        for container in one["spec"]["template"]["spec"]["containers"]:
            name = one["metadata"]["name"]
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container), name
            if "httpGet" in container["livenessProbe"]:
                assert container["livenessProbe"]["httpGet"]["path"] == "/health/live", name
                assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready", name


@every_profile
def test_the_processes_are_those_that_run_elsewhere(profile: str) -> None:
    """As on one machine: each with its command, its role and what it listens on."""
    found = {}
    for one in resources(profile):
        if one["kind"] in ("Deployment", "StatefulSet"):
            container = one["spec"]["template"]["spec"]["containers"][0]
            if container["command"][0] == "python":
                found[container["name"]] = container
    assert set(found) == {process.name for process in PROCESSES}
    for process in PROCESSES:
        container = found[process.name]
        module = ["python", "-m", f"services.{process.service}", process.command]
        assert container["command"] == module
        assert {port["name"] for port in container["ports"]} == set(process.listens)
        values = {one["name"]: one.get("value", "") for one in container["env"]}
        dsn = values[f"{process.service.upper()}_POSTGRES_DSN"]
        assert f"//{process.service}_{process.role}:" in dsn


@every_profile
def test_every_variable_is_one_that_a_process_knows(profile: str) -> None:
    """A variable that nobody reads would silently mean the default."""
    known = {variable_name(one, field) for one in SETTINGS for field in one.model_fields}
    for name, one in containers(profile):
        for variable in one.get("env", ()):
            if variable["name"].startswith(("EVIDENCE_", "MASTERY_", "SCHEDULER_")):
                assert variable["name"] in known, (name, variable["name"])


@every_profile
def test_no_secret_is_written_anywhere(profile: str) -> None:
    """Secrets are named; passwords come into an address by the name of a variable."""
    assert not [one for one in resources(profile) if one["kind"] == "Secret"]
    for name, one in containers(profile):
        for variable in one.get("env", ()):
            if "_DSN" in variable["name"]:
                assert re.search(r":\$\([A-Z_]+\)@", variable["value"]), (name, variable)


def test_a_disruption_budget_leaves_a_pod_to_drain() -> None:
    """One may always go, and with one pod alone there is no budget that would block a drain."""
    budgets = [one for one in resources("production") if one["kind"] == "PodDisruptionBudget"]
    assert {one["spec"]["maxUnavailable"] for one in budgets} == {1}
    assert not [one for one in resources("small") if one["kind"] == "PodDisruptionBudget"]


def test_who_scales_by_itself_is_not_scaled_by_an_upgrade() -> None:
    """A number of pods beside an HPA would be set back with each upgrade."""
    scaled = {
        one["spec"]["scaleTargetRef"]["name"]
        for one in resources("production")
        if one["kind"] == "HorizontalPodAutoscaler"
    }
    assert scaled == {"maple-evidence-api", "maple-mastery-api", "maple-scheduler-api"}
    for one in resources("production"):
        if one["kind"] in ("Deployment", "StatefulSet"):
            assert ("replicas" in one["spec"]) != (one["metadata"]["name"] in scaled)


def test_a_pod_of_a_kafka_group_keeps_its_name() -> None:
    """So a restart moves no partition."""
    named = {
        one["metadata"]["name"]
        for one in resources("production")
        if one["kind"] == "StatefulSet"
        for variable in one["spec"]["template"]["spec"]["containers"][0]["env"]
        if variable["name"].endswith("_INSTANCE_ID")
    }
    assert named == {"maple-mastery-worker", "maple-evidence-quick-checks"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"profile": "big"}, "must be one of 'small', 'production'"),
        ({"profile": "production"}, "Set kafka.bootstrapServers"),
        ({"profile": "production", "kafka.bootstrapServers": "k:9092"}, "Set postgres.host"),
        ({**PRODUCTION, "postgres.caSecret": ""}, "Set postgres.caSecret"),
        ({"image.tag": "latest"}, "may be another one tomorrow"),
        ({"processes.mastery-wrker.replicas": "2"}, "'mastery-wrker' not allowed"),
        ({"operators.create": "true"}, "operators.create is for profile=production"),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_do(values: dict[str, str], says: str) -> None:
    """Before anything is installed."""
    with pytest.raises(HelmError, match=re.escape(says)):
        rendered(values)

"""Resources of operators, held against the schemas that these publish."""

from __future__ import annotations

import copy

from tests.support.crds import problems
from tests.support.helm import BY_OPERATORS, rendered

OF_STRIMZI = "kafka.strimzi.io/v1"
"""Its schemas are in no module: Strimzi generates them when it is built."""
VALUES = {**BY_OPERATORS, "monitoring.enabled": "true", "operators.postgres.storageClass": "fast"}


def test_each_is_as_its_schema_says() -> None:
    """Of CloudNativePG and of the Prometheus operator."""
    checked = []
    for one in rendered(VALUES):
        group, _, version = one["apiVersion"].partition("/")
        if "." in group and not group.endswith("k8s.io") and one["apiVersion"] != OF_STRIMZI:
            assert problems(one) == [], (one["kind"], version)
            checked.append(one["kind"])
    assert sorted(checked) == ["Cluster", "PrometheusRule", "ServiceMonitor"]


def test_a_field_that_an_operator_does_not_know_is_found() -> None:
    """Such a slip is ignored by a cluster, without a word."""
    cluster = next(one for one in rendered(VALUES) if one["kind"] == "Cluster")
    wrong = copy.deepcopy(cluster)
    wrong["spec"]["postgresql"]["synchronos"] = {}
    assert problems(cluster) == []
    assert len(problems(wrong)) == 1


def test_copies_are_as_many_as_brokers_allow() -> None:
    """With three brokers a record is on two before it is acknowledged; with one on that one."""
    for brokers, copies, least in ((1, 1, 1), (2, 2, 1), (3, 3, 2), (5, 3, 2)):
        values = {**BY_OPERATORS, "operators.kafka.replicas": str(brokers)}
        kafka = next(one for one in rendered(values) if one["kind"] == "Kafka")
        config = kafka["spec"]["kafka"]["config"]
        assert config["default.replication.factor"] == copies
        assert config["min.insync.replicas"] == least

"""The topics as a file: make what is missing, and say where the cluster differs from the file.

    python -m services.common.kafka.topics apply  --bootstrap-servers HOST:PORT --file topics.yaml
    python -m services.common.kafka.topics verify --bootstrap-servers HOST:PORT --file topics.yaml

`apply` never takes anything away: partitions cannot be, and a shorter retention deletes records.
More partitions move keys to other partitions, and so do they only happen with `--grow`; settings
change only with `--set-config`. Exit codes: 0 as the file says, 1 differences remain, 2 the file or
the address cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import yaml
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from services.common.kafka.inspection import admin_client

EXIT_DIFFERENT: Final = 1
MAXIMUM_PARTITIONS: Final = 1_000
MAXIMUM_TOPICS: Final = 200
FIELDS: Final = frozenset({"name", "partitions", "replication_factor", "config"})


class TopicsFileError(Exception):
    """The file cannot be used; the message names the topic and the field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicSpec:
    """A topic as it should be; every setting is a string, as Kafka has them."""

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing in which the cluster is not as the file says."""

    topic: str
    what: str
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.found}, the file says {self.wanted}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was made and changed, and what still differs."""

    created: Sequence[str]
    changed: Sequence[str]
    differences: Sequence[Difference]


def read_topics(path: Path, *, replication_factor: int | None = None) -> list[TopicSpec]:
    """Read and check the file; the factor given here replaces every factor in it."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TopicsFileError(f"{path} cannot be read: {error}") from error
    if not isinstance(entries, list) or not 0 < len(entries) <= MAXIMUM_TOPICS:
        raise TopicsFileError(f"{path} must be a list of 1 to {MAXIMUM_TOPICS} topics")
    specs = [_spec(entry, replication_factor) for entry in entries]
    names = [spec.name for spec in specs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise TopicsFileError(f"{path} names a topic twice: {', '.join(repeated)}")
    return specs


def verify(bootstrap_servers: str, specs: Sequence[TopicSpec]) -> list[Difference]:
    """Return every difference between the cluster and the topics, changing nothing."""
    with admin_client(bootstrap_servers) as client:
        return _differences(client, specs)


def apply(
    bootstrap_servers: str,
    specs: Sequence[TopicSpec],
    *,
    grow: bool = False,
    set_config: bool = False,
) -> Report:
    """Make missing topics, and what else is allowed; return what was done and what differs."""
    with admin_client(bootstrap_servers) as client:
        created = _create_missing(client, specs)
        changed: list[str] = []
        for difference in _differences(client, specs):
            if grow and _grows(difference):
                client.create_partitions({difference.topic: int(difference.wanted)})
                changed.append(str(difference))
            elif set_config and difference.what not in ("partitions", "replication_factor"):
                wanted = {difference.what: difference.wanted}
                client.alter_configs(
                    [ConfigResource(ConfigResourceType.TOPIC, difference.topic, wanted)]
                )
                changed.append(str(difference))
        client.wait_for_topics([spec.name for spec in specs])
        return Report(created=created, changed=changed, differences=_differences(client, specs))


def _grows(difference: Difference) -> bool:
    return difference.what == "partitions" and int(difference.wanted) > int(difference.found)


def _spec(entry: object, replication_factor: int | None) -> TopicSpec:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise TopicsFileError(f"a topic needs a name: {entry!r}")
    name, config = entry["name"], entry.get("config") or {}
    unknown = sorted(set(entry) - FIELDS)
    if unknown:
        raise TopicsFileError(f"{name}: unknown fields {', '.join(unknown)}")
    if not isinstance(config, dict) or not all(isinstance(v, str) for v in config.values()):
        raise TopicsFileError(f"{name}: config must map settings to strings (quote the numbers)")
    return TopicSpec(
        name=name,
        partitions=_count(entry, "partitions"),
        replication_factor=replication_factor or _count(entry, "replication_factor"),
        config=config,
    )


def _count(entry: Mapping[str, Any], field: str) -> int:
    value = entry.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAXIMUM_PARTITIONS:
        raise TopicsFileError(
            f"{entry['name']}: {field} must be a whole number from 1 to {MAXIMUM_PARTITIONS}"
        )
    return value


def _create_missing(client: Any, specs: Sequence[TopicSpec]) -> list[str]:  # noqa: ANN401
    existing = set(client.list_topics())
    missing = [spec for spec in specs if spec.name not in existing]
    for spec in missing:
        options = {
            "num_partitions": spec.partitions,
            "replication_factor": spec.replication_factor,
            "configs": dict(spec.config),
        }
        try:
            client.create_topics({spec.name: options})
        except TopicAlreadyExistsError:
            continue  # another run of this was quicker; the differences tell if it was unlike ours
    return [spec.name for spec in missing]


def _differences(client: Any, specs: Sequence[TopicSpec]) -> list[Difference]:  # noqa: ANN401
    names = [spec.name for spec in specs]
    found = {topic["name"]: topic["partitions"] for topic in client.describe_topics(names)}
    present = [spec for spec in specs if found.get(spec.name)]
    configs = _configs(client, present)
    differences = []
    for spec in specs:
        if spec in present:
            differences += _layout(spec, found[spec.name]) + _settings(spec, configs[spec.name])
        else:
            differences.append(_difference(spec, "topic", "present", "missing"))
    return differences


def _layout(spec: TopicSpec, partitions: Sequence[Mapping[str, Any]]) -> list[Difference]:
    differences = []
    if len(partitions) != spec.partitions:
        differences.append(_difference(spec, "partitions", spec.partitions, len(partitions)))
    replicas = min(len(partition["replica_nodes"]) for partition in partitions)
    if replicas != spec.replication_factor:
        differences.append(
            _difference(spec, "replication_factor", spec.replication_factor, replicas)
        )
    return differences


def _settings(spec: TopicSpec, found: Mapping[str, str]) -> list[Difference]:
    return [
        _difference(spec, setting, wanted, found.get(setting, "unknown"))
        for setting, wanted in sorted(spec.config.items())
        if found.get(setting) != wanted
    ]


def _configs(client: Any, specs: Sequence[TopicSpec]) -> dict[str, dict[str, str]]:  # noqa: ANN401
    if not specs:
        return {}
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, spec.name, dict.fromkeys(spec.config))
        for spec in specs
    ]
    described = client.describe_configs(resources, config_filter="all").get("topic", {})
    return {
        spec.name: {
            setting: entry["value"] for setting, entry in described.get(spec.name, {}).items()
        }
        for spec in specs
    }


def _difference(spec: TopicSpec, what: str, wanted: object, found: object) -> Difference:
    return Difference(topic=spec.name, what=what, wanted=str(wanted), found=str(found))


@click.group()
def main() -> None:
    """Make and check the topics of a cluster."""


_BOOTSTRAP = click.option(
    "--bootstrap-servers",
    "--bootstrap",
    "bootstrap",
    required=True,
    help="HOST:PORT[,HOST:PORT…] of Kafka.",
)
_FILE = click.option(
    "--file",
    "path",
    default="deploy/kafka/topics.yaml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The topics as they should be.",
)
_FACTOR = click.option(
    "--replication-factor",
    type=click.IntRange(1, 10),
    help="Instead of the file's: 1 where there is one broker.",
)


@main.command("verify")
@_BOOTSTRAP
@_FILE
@_FACTOR
def verify_command(bootstrap: str, path: Path, replication_factor: int | None) -> None:
    """Say where the cluster differs from the file; change nothing."""
    try:
        specs = read_topics(path, replication_factor=replication_factor)
        differences = verify(bootstrap, specs)
    except (TopicsFileError, KafkaError) as error:
        raise click.UsageError(str(error)) from error
    _say_and_exit(differences, f"{len(specs)} topics are as {path} says.")


@main.command("apply")
@_BOOTSTRAP
@_FILE
@_FACTOR
@click.option("--grow", is_flag=True, help="Add partitions where there are fewer: keys move.")
@click.option("--set-config", is_flag=True, help="Change settings that differ.")
def apply_command(
    bootstrap: str, path: Path, replication_factor: int | None, *, grow: bool, set_config: bool
) -> None:
    """Make what is missing, and say what still differs."""
    try:
        specs = read_topics(path, replication_factor=replication_factor)
        report = apply(bootstrap, specs, grow=grow, set_config=set_config)
    except (TopicsFileError, KafkaError) as error:
        raise click.UsageError(str(error)) from error
    for name in report.created:
        click.echo(f"created {name}")
    for change in report.changed:
        click.echo(f"changed {change}")
    _say_and_exit(report.differences, f"{len(specs)} topics are as {path} says.")


def _say_and_exit(differences: Sequence[Difference], well: str) -> None:
    for difference in differences:
        click.echo(str(difference), err=True)
    if differences:
        raise SystemExit(EXIT_DIFFERENT)
    click.echo(well)


if __name__ == "__main__":
    main()

"""What the file of topics may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.kafka.topics import TopicsFileError, read_topics

REPOSITORY = Path(__file__).parents[4]


def test_the_projects_own_file_can_be_read_and_the_factor_replaced() -> None:
    """Every topic of Trellis has partitions and settings; one machine takes a factor of 1."""
    specs = read_topics(REPOSITORY / "deploy/kafka/topics.yaml", replication_factor=1)
    by_name = {spec.name: spec for spec in specs}
    assert by_name["trellis.evidence.v1"].partitions == 12
    assert by_name["trellis.mastery.v1"].config["cleanup.policy"] == "compact"
    assert {spec.replication_factor for spec in specs} == {1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a list"),
        ("- partitions: 1", "needs a name"),
        ("- {name: a, partitions: 0, replication_factor: 1}", "a: partitions must be"),
        ("- {name: a, partitions: true, replication_factor: 1}", "a: partitions must be"),
        ("- {name: a, partitions: 1}", "a: replication_factor must be"),
        ("- {name: a, partitions: 1, replicas: 3}", "a: unknown fields replicas"),
        (
            "- {name: a, partitions: 1, replication_factor: 1, config: {retention.ms: 5}}",
            "quote the numbers",
        ),
        (
            "- {name: a, partitions: 1, replication_factor: 1}\n"
            "- {name: a, partitions: 2, replication_factor: 1}",
            "names a topic twice: a",
        ),
        ("[", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_name(
    tmp_path: Path, text: str, message: str
) -> None:
    """The message says which topic and which field."""
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(TopicsFileError, match=message):
        read_topics(path)

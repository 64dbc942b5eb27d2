"""A district around a log of real responses: schools as of the made-up one, names made up.

The mapping of the import says which schools there are and which learner goes to which; the log
itself names nobody. This module must not talk to any service; `drive.py` does.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from trellis.framework.v1 import framework_pb2 as framework
from trellis.roster.v1 import roster_pb2 as roster

from deploy.demo.district import District
from deploy.demo.school import (
    DISTRICT,
    MIDDLE_HALLS,
    MIDDLE_SLOTS,
    MIDDLE_STAFF,
    PRINCIPAL,
    adult_name,
    adult_of,
    offers_of,
    policy_of,
    rooms_of,
    school_name,
    words,
)
from services.evidence.entrypoints.importing.mapping import Mapping

LABELS_FILE = "skills.csv"


@dataclass(frozen=True, kw_only=True)
class LogSize:
    """What a log holds: rows, and (row, competency) pairs."""

    rows: int
    alignments: int


def build_log_district(mapping: Mapping, *, seed: int) -> District:
    """Make everything but learners and competencies, which the import registers."""
    schools = tuple(
        roster.School(
            name=school_name(each.id), display_name=each.display_name, time_zone=each.time_zone
        )
        for each in mapping.schools
    )
    ids = [each.id for each in mapping.schools]
    adults = tuple(_adults(random.Random(seed), ids))
    part = mapping.made_competencies.framework
    return District(
        schools=schools,
        adults=adults,
        learners=(),
        plans=(),
        frameworks=(
            framework.Framework(
                name=f"districts/{DISTRICT}/frameworks/{part.id}", display_name=part.display_name
            ),
        ),
        competencies=(),
        policies=tuple(policy_of(school, MIDDLE_SLOTS) for school in schools),
        rooms={each: tuple(rooms_of(each, adults, MIDDLE_HALLS)) for each in ids},
        offers={each: tuple(offers_of(each, adults, MIDDLE_HALLS)) for each in ids},
        absences=dict.fromkeys(ids, ()),
    )


def _adults(draw: random.Random, schools: Iterable[str]) -> Iterator[roster.Adult]:
    """Give each school a principal and the staff of a middle school, 55 in all."""
    families = words("family_names.txt")
    number = 0
    for place, school in enumerate(schools):
        # The first one is the person of the principal's token, who signs off for all schools.
        yield roster.Adult(
            name=adult_name(f"{PRINCIPAL}-{school}" if place else PRINCIPAL),
            display_name=f"Dr. {draw.choice(families)}",
            school=school_name(school),
            active=True,
        )
        subjects = [subject for subject, count in MIDDLE_STAFF for _ in range(count)]
        chosen = draw.sample(families, len(subjects))
        for subject, family in zip(subjects, chosen, strict=True):
            yield adult_of(number, family, school, [subject])
            number += 1


def name_learners(learners: Iterable[roster.Learner], *, seed: int) -> Iterator[roster.Learner]:
    """Yield the learners with made-up names, the same for the same seed and source id."""
    for learner in learners:
        draw = random.Random(f"{seed}:{learner.source_id}")
        named = roster.Learner()
        named.CopyFrom(learner)
        named.given_name = draw.choice(words("given_names.txt"))
        named.family_name = draw.choice(words("family_names.txt"))
        yield named


def read_labels(log: Path, mapping: Mapping) -> dict[str, str]:
    """Return labels by competency code from the file beside the log; none where it is not there."""
    path = log.with_name(LABELS_FILE)
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            mapping.made_competencies.id.replace("{value}", row["skill"]): row["name"]
            for row in csv.DictReader(file)
        }


def label_competencies(
    competencies: Iterable[framework.Competency], labels: dict[str, str]
) -> Iterator[framework.Competency]:
    """Yield the competencies, with its label each one that has one."""
    for competency in competencies:
        labelled = framework.Competency()
        labelled.CopyFrom(competency)
        labelled.label = labels.get(competency.code, competency.label)
        yield labelled


def measure(log: Path, mapping: Mapping) -> LogSize:
    """Count what the fold must end in when every row of the log is accepted."""
    rows = alignments = 0
    part = mapping.made_competencies
    with log.open("rb") as raw:
        binary = gzip.GzipFile(fileobj=raw) if log.suffix == ".gz" else raw
        with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
            for row in csv.DictReader(text, delimiter=mapping.delimiter):
                values = row[part.column].split(part.separator) if part.separator else [""]
                rows += 1
                alignments += len(values)
    return LogSize(rows=rows, alignments=alignments)

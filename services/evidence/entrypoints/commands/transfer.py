"""The command `export-learner`: a learner's evidence, for the district that the learner moves to.

Exit codes: 0 done, 1 some evidence could not be written, 2 the command cannot be used so, 3 the
service refused it or could not be reached.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click
from rich.console import Console
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2
from trellis.framework.v1 import framework_pb2, framework_service_pb2
from trellis.roster.v1 import roster_service_pb2

from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.json_writing import write_json_record
from services.evidence.domain.model import Record
from services.evidence.domain.normalise import MAX_TEXT_LENGTH
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
)
from services.evidence.domain.scoring import level_of_score
from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.commands.calls import PAGE_SIZE, Service, every_page, run
from services.evidence.entrypoints.commands.naming import (
    NamingError,
    learner_names,
    reference_of,
)
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    target_from,
    target_options,
)

TRANSFER: Final = "transfer"
POINTS_OF_A_WHOLE_MILLI: Final = 30_000
"""A score of 0 to 30,000 is that many thousandths of 30 points."""

MOST_EVIDENCE: Final = 1_000_000
DIGEST_DIGITS: Final = 16

Evidence = evidence_pb2.Evidence
Competencies = Mapping[str, CompetencyReference]


@click.command("export-learner")
@click.argument("learner")
@click.option(
    "--learner-reference",
    required=True,
    metavar="REFERENCE",
    help="How the new district knows the learner: KIND:VALUE as in email:ana@example.org or"
    " sis_number:55017, or SOURCE:ID as in sis:1042.",
)
@click.option(
    "--source",
    default=TRANSFER,
    show_default=True,
    help="As which source the new district takes it; its token has to be bound to that.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write. Default: standard output.",
)
@target_options
def export_learner_command(
    learner: str,
    learner_reference: str,
    source: str,
    output: Path | None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Write the evidence of LEARNER that counts, for a district that the learner moves to.

    It is written as the JSON of POST /v1/evidence, which takes 500 records at a time; there,
    `import-json FILE` sends all of it. Competencies are named by CASE identifier, or by code where
    their framework has none, so both districts need the same frameworks. Scores are those that
    count: credit beyond the full score is not carried over. The same evidence, exported and sent
    again, changes nothing there; what was corrected since becomes a correction.
    """
    try:
        reference = reference_of(learner_reference)
    except NamingError as error:
        raise click.BadParameter(str(error), param_hint="--learner-reference") from error
    export = run(target_from(options), lambda service: _export(service, learner))
    documents = [
        document_of(one, export.competencies, reference, source=source) for one in export.evidence
    ]
    written = encode_json({"records": [one for one in documents if one is not None]})
    if output is None:
        click.echo(written.decode())
    else:
        output.write_bytes(written + b"\n")
    lost = documents.count(None)
    Console(stderr=True, highlight=False).print(
        f"{len(documents) - lost:,} records written; {lost:,} left out, as nothing names one of"
        " their competencies."
    )
    if lost:
        sys.exit(EXIT_REFUSED)


@dataclass(frozen=True, kw_only=True)
class Export:
    """A learner's evidence that counts, and how its competencies are called elsewhere, by name."""

    evidence: Sequence[Evidence]
    competencies: Competencies


async def _export(service: Service, learner: str) -> Export:
    (name,) = await learner_names(service, learner)
    response = await service.call(
        service.roster.GetLearner, roster_service_pb2.GetLearnerRequest(name=name)
    )
    request = evidence_service_pb2.ListEvidenceRequest(
        # Of somebody who was merged, all of it counts for the other one.
        parent=response.learner.merged_into or name,
        page_size=PAGE_SIZE,
    )
    found = await every_page(
        service, service.evidence.ListEvidence, request, "evidence", MOST_EVIDENCE
    )
    standing = [one for one in found if one.state == Evidence.STATE_ACTIVE]
    names = {each.competency for one in standing for each in one.event.recorded.alignments}
    competencies = {}
    for one in sorted(names):
        asked = framework_service_pb2.GetCompetencyRequest(name=one)
        competency = (await service.call(service.frameworks.GetCompetency, asked)).competency
        reference = how_others_call(competency)
        if reference is not None:
            competencies[one] = reference
    return Export(evidence=standing, competencies=competencies)


def how_others_call(competency: framework_pb2.Competency) -> CompetencyReference | None:
    """Return what names a competency in every district that has its framework, if anything does.

    The id of a competency of a CASE framework is its CASE identifier.
    """
    own_id = competency.name.rpartition("/")[2]
    try:
        case_id = str(UUID(own_id))
    except ValueError:
        case_id = ""
    if case_id and case_id == own_id:
        return CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=case_id)
    if not competency.code:
        return None
    return CompetencyReference(kind=CompetencyReferenceKind.HUMAN_CODE, value=competency.code)


def document_of(
    evidence: Evidence, competencies: Competencies, learner: Reference, *, source: str
) -> Mapping[str, Json] | None:
    """Return one observation as the JSON of a record; None where a competency has no name there.

    The event id is made of all that the record says, so that what says the same is a repeat.
    """
    recorded = evidence.event.recorded
    if any(one.competency not in competencies for one in recorded.alignments):
        return None
    record = Record(
        size_bytes=0,
        event_id="",
        source=source,
        entity_id=evidence.name.rpartition("/")[2],
        version=0,
        learner="",
        learner_reference=learner,
        occur_time=(evidence.event.occur_time.seconds, evidence.event.occur_time.nanos),
        alignments=(),
        referenced_alignments=tuple(
            (competencies[one.competency], one.weight_milli) for one in recorded.alignments
        ),
        points=_points(recorded),
        level_milli=_level_milli(recorded),
        purpose=recorded.purpose,
        kind=recorded.kind,
        dok=recorded.dok,
        timed=recorded.timed if recorded.HasField("timed") else None,
        item=_within(evidence.source, recorded.item),
        # It has its source before it already.
        assessment=recorded.assessment if len(recorded.assessment) <= MAX_TEXT_LENGTH else "",
        assessment_items_on_competency=recorded.assessment_items_on_competency,
        artefact=recorded.artefact,
    )
    written = write_json_record(record)
    digest = sha256(encode_json(written)).hexdigest()[:DIGEST_DIGITS]
    return {"event_id": f"{record.entity_id}/{digest}", **written}


def _points(recorded: evidence_pb2.EvidenceRecorded) -> tuple[int, int] | None:
    if not recorded.HasField("score") or recorded.score_scale == evidence_pb2.SCORE_SCALE_RUBRIC:
        return None
    return recorded.score, POINTS_OF_A_WHOLE_MILLI


def _level_milli(recorded: evidence_pb2.EvidenceRecorded) -> int | None:
    if not recorded.HasField("score") or recorded.score_scale != evidence_pb2.SCORE_SCALE_RUBRIC:
        return None
    return level_of_score(recorded.score)


def _within(source: str, item: str) -> str:
    """Return an item's id that no item of another source shares; empty where it has none."""
    together = f"{source}/{item}"
    return together if item and len(together) <= MAX_TEXT_LENGTH else item

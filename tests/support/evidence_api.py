"""What tests of a running `api` send first: a school, learners, competencies."""

from __future__ import annotations

from collections.abc import Sequence

from trellis.framework.v1 import framework_pb2, framework_service_pb2
from trellis.roster.v1 import roster_pb2, roster_service_pb2

from tests.support.evidence import COMPETENCIES, DISTRICT, Client


async def register(
    client: Client,
    *,
    district: str = DISTRICT,
    source_ids: Sequence[str] = ("1", "2"),
    competencies: Sequence[str] = COMPETENCIES,
) -> list[str]:
    """Register a school, learners and competencies; return the learners' resource names."""
    school = f"districts/{district}/schools/hcms"
    framework = f"districts/{district}/frameworks/math"
    await client.roster.BatchUpsertSchools(
        roster_service_pb2.BatchUpsertSchoolsRequest(
            schools=[
                roster_pb2.School(
                    name=school, display_name="Middle School", time_zone="America/New_York"
                )
            ]
        )
    )
    kept = await client.roster.BatchUpsertLearners(
        roster_service_pb2.BatchUpsertLearnersRequest(
            learners=[
                roster_pb2.Learner(
                    source="sis",
                    source_id=source_id,
                    school=school,
                    state=roster_pb2.Learner.STATE_ENROLLED,
                )
                for source_id in source_ids
            ]
        )
    )
    await client.frameworks.BatchUpsertFrameworks(
        framework_service_pb2.BatchUpsertFrameworksRequest(
            frameworks=[framework_pb2.Framework(name=framework, display_name="Mathematics")]
        )
    )
    await client.frameworks.BatchUpsertCompetencies(
        framework_service_pb2.BatchUpsertCompetenciesRequest(
            competencies=[
                framework_pb2.Competency(
                    name=f"districts/{district}/competencies/{one}",
                    framework=framework,
                    code=one,
                    label=f"Can do {one}",
                    subject="math",
                )
                for one in competencies
            ]
        )
    )
    return [learner.name for learner in kept.learners]

"""The district that records are about: the schools of the demonstration, with more learners."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trellis.roster.v1 import roster_pb2 as roster

from deploy.demo import drive
from deploy.demo.district import MIDDLE, build_district, school_name
from deploy.local.ports import LOOPBACK
from tests.bench.servers import Bench
from tests.bench.shapes import Population

SEED = 2026


def prepare(bench: Bench, *, learners: int) -> Path:
    """Register the district and that many learners; return the file that holds the population."""
    now = datetime.now(UTC)
    plain = build_district(seed=SEED, as_of=now.date(), monday=now.date() + timedelta(days=7))
    district = replace(plain, learners=tuple(_learner(number) for number in range(learners)))
    address = f"{LOOPBACK}:{bench.cluster.ports['evidence-api-grpc']}"

    async def register() -> dict[str, str]:
        targets = drive.Addresses(evidence=address, mastery=address, scheduler=address)
        services = drive.Services(targets, bench.cluster.tokens.by_name["district-it"])
        try:
            return await drive.register(services, district)
        finally:
            await services.close()

    population = Population(
        learners=sorted(asyncio.run(register()).values()),
        competencies=[each.name for each in district.competencies],
        until_seconds=int(time.time()),
    )
    path = bench.directory / "population.json"
    path.write_text(json.dumps(asdict(population)), encoding="utf-8")
    return path


def _learner(number: int) -> roster.Learner:
    return roster.Learner(
        source="sis",
        source_id=f"bench-{number}",
        school=school_name(MIDDLE),
        grade="7",
        state=roster.Learner.STATE_ENROLLED,
    )

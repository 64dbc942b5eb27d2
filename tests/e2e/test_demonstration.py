"""The main job as a newcomer runs it: one command, and what stands there at its end."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from deploy.demo.__main__ import DEFAULT_DATE
from deploy.demo.district import build_district
from deploy.demo.records import term_of_records
from deploy.demo.run import TERM_WEEKS
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY, KAFKA_VERSION
from services.scheduler.domain import titles

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COMMAND_SECONDS = 600.0
HALL_PAGES = ("hall", "hall/rooms")
STAFF_PAGES = ("staff", "staff/slots", "staff/adults", "staff/learners")
ADDRESS = re.compile(r"staff +(http://127\.0\.0\.1:\d+/schools/\S+)/staff")
MIDDLE_SCHOOL_SEATS = 849 * 6
SEED = 2026


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """A demonstration that has ended and still stands there."""

    printed: str
    figures: dict[str, Any]
    weeks: tuple[str, ...]
    token: str

    def get(self, path: str, *, week: int = 0) -> httpx.Response:
        """Ask for a page or a file of a week as the principal."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.weeks[week]}/{path}", headers=headers, timeout=60)


def sends_of_the_term() -> int:
    """Return how many records the made-up term sends, made up anew here."""
    as_of = date.fromisoformat(DEFAULT_DATE)
    district = build_district(seed=SEED, as_of=as_of, monday=as_of + timedelta(days=4))
    names = {plan.source_id: f"districts/d/learners/{plan.source_id}" for plan in district.plans}
    last_day = as_of - timedelta(days=1)
    first_day = last_day - timedelta(days=last_day.weekday(), weeks=TERM_WEEKS - 1)
    return len(term_of_records(district, names, seed=SEED, first_day=first_day, last_day=last_day))


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Run the demonstration in a directory of its own; whatever happens, end what it started."""
    directory = tmp_path_factory.mktemp("demonstration")
    for parent in (directory, directory.parent):
        parent.chmod(0o755)
    cache = directory / "cache" / f"kafka-{KAFKA_VERSION}"
    if DEFAULT_CACHE_DIRECTORY.exists():
        shutil.copytree(DEFAULT_CACHE_DIRECTORY, cache)
    try:
        printed = _run("deploy.demo", "--directory", str(directory))
        yield Demonstration(
            printed=printed,
            figures=json.loads((directory / "demo.json").read_text("utf-8")),
            weeks=tuple(ADDRESS.findall(printed)),
            token=(directory / "demo/tokens/principal.token").read_text("utf-8").strip(),
        )
    finally:
        _run("deploy.local", "--directory", str(directory / "demo"), "down")


def test_every_record_is_accounted_for(demonstration: Demonstration) -> None:
    """What was sent has one answer each; what counts is what was accepted, less what gave way."""
    figures = demonstration.figures
    answers = ("accepted", "repeated", "superseded", "refused")
    assert sum(figures[answer] for answer in answers) == sends_of_the_term()
    assert figures["refused"] == 40
    assert figures["folded"] == figures["accepted"] - figures["corrected"] - figures["retracted"]
    assert figures["folded"] > 100_000
    for reason in ("MISSING_EVENT_ID", "UNKNOWN_LEARNER", "SCORE_OUT_OF_RANGE"):
        assert reason in demonstration.printed


def test_every_learner_has_one_place_in_every_slot_and_a_reason(
    demonstration: Demonstration,
) -> None:
    """The published file has a row for each learner and slot, none twice, none unexplained."""
    rows = list(csv.DictReader(io.StringIO(demonstration.get("week.csv").text)))
    places = Counter((row["learner"], row["slot"]) for row in rows)
    assert len(rows) == MIDDLE_SCHOOL_SEATS
    assert set(places.values()) == {1}
    assert set(Counter(learner for learner, _ in places).values()) == {6}
    assert all(row["reason"] for row in rows)
    assert all(bool(row["session"]) != bool(row["exemption"]) for row in rows)


def test_no_hall_page_labels_a_learner(demonstration: Demonstration) -> None:
    """No title or name in a hall has a banned word or a code; no reason of the week is there."""
    document = demonstration.get("week.json").json()
    codes = sorted({seat["competency_id"] for seat in document["seats"] if seat["competency_id"]})
    reasons = {seat["staff_sentence"] for seat in document["seats"]}
    reasons |= {seat["learner_sentence"] for seat in document["seats"]}
    kinds = {one["kind"] for one in document["sessions"]}
    assert {"small_group", "check", "enrichment", "service"} <= kinds
    for session in document["sessions"]:
        assert titles.refusal(session["title"], codes=codes) is None
    for path in HALL_PAGES:
        page = demonstration.get(path).text
        text = html.unescape(re.sub(r"<[^>]+>", "\n", page.partition("<main")[2]))
        lines = {line.strip() for line in text.splitlines() if line.strip()}
        assert len(lines) > 100
        labelling = [line for line in lines if titles.refusal(line) is not None]
        assert not labelling
        assert not lines & reasons


@pytest.mark.parametrize("week", [0, 1])
def test_every_page_of_both_schools_is_there_for_the_principal_and_for_nobody_else(
    demonstration: Demonstration, week: int
) -> None:
    """With the token each page answers 200; without it nothing is shown."""
    for path in (*STAFF_PAGES, *HALL_PAGES, "week.csv", "week.json"):
        answer = demonstration.get(path, week=week)
        assert answer.status_code == 200, (path, answer.text[:500])
        assert httpx.get(f"{demonstration.weeks[week]}/{path}", timeout=60).status_code == 401


def test_an_unchanged_week_is_not_sent_twice(demonstration: Demonstration) -> None:
    """A program that has the revision gets 304 for its ETag."""
    first = demonstration.get("week.json")
    again = httpx.get(
        f"{demonstration.weeks[0]}/week.json",
        headers={
            "Authorization": f"Bearer {demonstration.token}",
            "If-None-Match": first.headers["ETag"],
        },
        timeout=60,
    )
    assert (again.status_code, again.content) == (304, b"")

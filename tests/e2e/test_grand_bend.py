"""A whole district as its systems send it: Ed-Fi, OneRoster and a framework, through to mastery."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator

from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from tests.support.cluster import Cluster
from tests.support.district import District

SHARED = Path(__file__).parents[3] / "shared/data"
EDFI = SHARED / "edfi/sample-xml"
ONEROSTER = SHARED / "oneroster/grand-bend-v1p2-bulk.zip"
COMMON_CORE = SHARED / "frameworks/coherence-map/ccss_math_case_v1p1_package.json"
TEXAS = SHARED / "frameworks/teks-case/teks_math_OFFICIAL.json"
TEXAS_ITEMS = 1_515
OFFICIAL_SCHEMA = SHARED / "case/official_case-v1p1-cfpackage.json"
ELEMENTARY = "255901107"
TIME_ZONE = "America/Chicago"

ITEM_RESULTS = 8_850
UNALIGNED = 80
"""Of one Reading item of which the metadata says no standard: its results wait in quarantine."""
STATE_OBJECTIVES = 160
"""Scores on objectives of the state assessment, which has no items."""
FROM_EDFI = ITEM_RESULTS - UNALIGNED + STATE_OBJECTIVES
OBJECTIVE_RESULTS = 664
UNSCORED_RESULTS = 21
"""Of the OneRoster results those that are exempt or not submitted: kept, and no zeros."""

WAIT_SECONDS = 120.0
POLL_SECONDS = 0.25

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not EDFI.exists(), reason="the Grand Bend sample is not beside the project (../shared/data)"
    ),
]

_OPEN = """
SELECT source, reason, count(*) AS count FROM quarantine
 WHERE district = $1 AND state IN (1, 2) GROUP BY source, reason ORDER BY source, reason
"""
_STANDING = """
SELECT source, count(*) AS count FROM ledger AS standing
 WHERE district = $1 AND kind = 1 AND NOT EXISTS (
       SELECT FROM ledger AS later
        WHERE later.district = $1 AND later.evidence_id = standing.evidence_id
          AND later.revision > standing.revision AND later.kind <> 3)
 GROUP BY source ORDER BY source
"""
_STANDING_BY_LEARNER = """
SELECT learner_id, count(*) AS count FROM ledger AS standing
 WHERE district = $1 AND kind = 1 AND NOT EXISTS (
       SELECT FROM ledger AS later
        WHERE later.district = $1 AND later.evidence_id = standing.evidence_id
          AND later.revision > standing.revision AND later.kind <> 3)
 GROUP BY learner_id ORDER BY count DESC, learner_id
"""
_NUMBER_OF = """
SELECT value FROM alias
 WHERE district = $1 AND subject_kind = 1 AND kind = 2 AND subject_id = $2
"""
_A_COMPETENCY = """
SELECT 'districts/' || district || '/competencies/' || competency_id AS name FROM competency
 WHERE district = $1 ORDER BY competency_id LIMIT 1
"""
UNALIGNED_ITEM = 15


class GrandBend(District):
    """The sample district, as one of the districts of a cluster."""

    def imported(self, command: str, path: Path, source: str, *options: str) -> dict[str, Any]:
        """Import a file of a system; return the report."""
        out = self.command(
            command, str(path), "--source", source, "--time-zone", TIME_ZONE, *options, "--json"
        )
        report: dict[str, Any] = json.loads(out)
        assert report["stopped"] is None, report
        return report

    def get(self, path: str) -> Any:
        """Return what the HTTP port of the evidence service answers, decoded."""
        request = urllib.request.Request(
            f"http://{self.address('evidence-api-http')}{path}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def count(self, table: str, condition: str = "true") -> int:
        """Return how many rows of a table of the evidence service are the district's."""
        statement = f"SELECT count(*) AS count FROM {table} WHERE district = $1 AND {condition}"
        return int(self.rows("evidence", statement, self.name)[0]["count"])

    def standing(self) -> Mapping[str, int]:
        """Return how many observations count in the ledger, by source."""
        rows = self.rows("evidence", _STANDING, self.name)
        return {row["source"]: row["count"] for row in rows}

    def quarantined(self) -> Mapping[tuple[str, int], int]:
        """Return how many records are open in quarantine, by source and reason."""
        rows = self.rows("evidence", _OPEN, self.name)
        return {(row["source"], row["reason"]): row["count"] for row in rows}

    def standing_by_learner(self) -> dict[str, int]:
        """Return how many observations count for each learner, those with the most first."""
        rows = self.rows("evidence", _STANDING_BY_LEARNER, self.name)
        return {row["learner_id"]: row["count"] for row in rows}

    def wait_for_learners(self, standing: Mapping[str, int]) -> None:
        """Wait until so many observations count for some learners, and all of it is folded."""
        end = time.monotonic() + WAIT_SECONDS
        found: dict[str, int] = {}
        while found != standing and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            by_learner = self.standing_by_learner()
            found = {one: by_learner.get(one, 0) for one in standing}
        assert found == standing
        self.wait()

    def wait_for(self, standing: Mapping[str, int]) -> None:
        """Wait until so many observations stand, and all of it is folded."""
        end = time.monotonic() + WAIT_SECONDS
        while self.standing() != standing and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        assert self.standing() == standing, self.quarantined()
        self.wait()

    def rebuilt_is_the_same(self) -> bool:
        """Whether a state that is folded anew from the whole ledger is the one that is live."""
        (worker,) = (
            one
            for one in self.cluster.services.definitions(self.cluster.addresses)
            if one.name == "mastery-worker"
        )
        done = subprocess.run(
            [sys.executable, "-m", "services.mastery", "rebuild", "--dry-run"],
            env={**os.environ, **worker.environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        return done.returncode == 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start Kafka, PostgreSQL, evidence and mastery."""
    with Cluster(
        tmp_path_factory.mktemp("grand-bend"),
        cache_directory=DEFAULT_CACHE_DIRECTORY,
        services=("evidence", "mastery"),
    ) as cluster:
        yield cluster


def test_a_district_of_ed_fi_alone_arrives_whole(cluster: Cluster) -> None:
    """People, sections and standards as the sample has them; each item result counts or waits."""
    district = GrandBend(cluster, token="other-district")
    (source,) = ("edfi",)
    report = district.imported("import-edfi", EDFI, source, "--learners-org", ELEMENTARY)
    assert report["outcomes"]["refused"] == 0
    kept = {name: sum(counts.values()) for name, counts in report["by_collection"].items()}
    assert (kept["students"], kept["staffs"], kept["sections"]) == (960, 68, 532)
    assert (kept["learningStandards"], kept["studentAssessments"]) == (5_597, 812)
    district.wait_for({source: FROM_EDFI})
    assert district.quarantined() == {(source, UNALIGNED_ITEM): UNALIGNED}
    assert (district.count("learner"), district.count("section")) == (960, 532)
    assert district.count("competency") == 5_597
    state = district.state()
    assert state.evidence_count == FROM_EDFI

    again = district.imported("import-edfi", EDFI, source, "--learners-org", ELEMENTARY)
    assert again["outcomes"]["changed"] == 0
    assert (again["evidence"], again["quarantined"]) == (0, 0)
    assert district.standing() == {source: FROM_EDFI}
    district.wait()
    assert district.state().state_hash == state.state_hash


def test_what_comes_before_its_roster_and_its_framework_is_taken_up_when_they_arrive(
    cluster: Cluster, tmp_path: Path
) -> None:
    """In the worst order: results first, then whom and what they name; nothing lost or doubled."""
    district = GrandBend(cluster, token="district-it")
    district.imported("import-edfi", EDFI, "edfi")
    assert district.standing() == {}
    report = district.imported("import-oneroster", ONEROSTER, "sis")
    assert report["documents"] == 17_839
    kept = {name: sum(counts.values()) for name, counts in report["by_collection"].items()}
    assert (kept["orgs"], kept["courses"], kept["classes"]) == (4, 84, 520)
    assert (kept["users"], kept["enrollments"]) == (1_016, 13_960)
    assert kept["resultLearningObjectiveIds"] == OBJECTIVE_RESULTS
    # The two systems tell of the same people: each learner is one, by the district's number.
    district.wait_for({"edfi": FROM_EDFI})
    assert district.count("learner") == 960

    district.imported("import-case", COMMON_CORE, "case")
    from_sis = OBJECTIVE_RESULTS + UNSCORED_RESULTS
    district.wait_for({"edfi": FROM_EDFI, "sis": from_sis})
    assert district.quarantined() == {("edfi", UNALIGNED_ITEM): UNALIGNED}
    state = district.state()
    assert state.evidence_count == FROM_EDFI + OBJECTIVE_RESULTS

    for command, path, source in (
        ("import-edfi", EDFI, "edfi"),
        ("import-oneroster", ONEROSTER, "sis"),
        ("import-case", COMMON_CORE, "case"),
    ):
        again = district.imported(command, path, source)
        assert again["outcomes"]["changed"] == 0, command
        assert (again["evidence"], again["deleted"]) == (0, 0), command
    district.wait()
    assert district.state().state_hash == state.state_hash

    delta = district.imported("import-oneroster", a_delta(tmp_path), "sis")
    assert (delta["documents"], delta["outcomes"]["changed"]) == (2, 2)
    assert delta["evidence"] == 2
    district.wait_for({"edfi": FROM_EDFI, "sis": from_sis - 1})
    assert district.state().evidence_count == state.evidence_count - 1
    assert district.rebuilt_is_the_same()


def test_what_people_say_of_learners_leaves_the_state_of_a_rebuild(
    cluster: Cluster, tmp_path: Path
) -> None:
    """A merge, its undoing, a late alias, and a learner who goes to another district."""
    district = GrandBend(cluster, token="district-it")
    before = district.state()
    (gone, gone_count), (stays, stays_count) = list(district.standing_by_learner().items())[:2]
    learners = f"districts/{district.name}/learners"
    district.command(
        "merge-learners", f"{learners}/{gone}", f"{learners}/{stays}", "--note", "entered twice"
    )
    district.wait_for_learners({gone: 0, stays: gone_count + stays_count})
    assert district.state().state_hash != before.state_hash
    assert district.rebuilt_is_the_same()

    (merge,) = json.loads(district.command("merges", "--json"))
    district.command("undo-merge", merge["name"].rpartition("/")[2])
    district.wait_for_learners({gone: gone_count, stays: stays_count})
    assert district.state().state_hash == before.state_hash
    assert district.rebuilt_is_the_same()

    (competency,) = district.rows("evidence", _A_COMPETENCY, district.name)
    record = {
        "event_id": "late-1",
        "source": "sis",
        "learner_reference": {"kind": "email", "value": "late@school.example"},
        "occur_time": "2026-10-01T14:30:00Z",
        "alignments": [{"competency": competency["name"]}],
        "score": {"level": 3},
        "kind": "conference",
    }
    sent = tmp_path / "late.json"
    sent.write_text(json.dumps({"records": [record]}), encoding="utf-8")
    assert json.loads(district.command("import-json", str(sent), "--json"))["outcomes"]["waiting"]
    aliases = tmp_path / "aliases.csv"
    aliases.write_text(
        f"kind,value,learner\nemail,late@school.example,{learners}/{gone}\n", "utf-8"
    )
    district.command("import-aliases", str(aliases), "--time-zone", TIME_ZONE)
    district.wait_for_learners({gone: gone_count + 1})
    assert district.state().evidence_count == before.evidence_count + 1
    assert district.rebuilt_is_the_same()

    other = GrandBend(cluster, token="other-district")
    known = other.state().evidence_count
    (number,) = district.rows("evidence", _NUMBER_OF, district.name, gone)
    moved = tmp_path / "moved.json"
    reference = ("--learner-reference", f"sis_number:{number['value']}")
    district.command("export-learner", f"{learners}/{gone}", *reference, "--output", str(moved))
    report = json.loads(other.command("import-json", str(moved), "--json"))
    assert report["outcomes"]["accepted"] > 0
    assert report["outcomes"]["refused"] == 0
    other.wait()
    assert other.state().evidence_count == known + report["outcomes"]["accepted"]
    assert other.rebuilt_is_the_same()


def test_published_frameworks_come_in_and_go_out_by_the_letter(cluster: Cluster) -> None:
    """Texas as published; the Common Core out of our own endpoint as it went in, and valid."""
    district = GrandBend(cluster, token="district-it")
    report = district.imported("import-case", TEXAS, "case")
    assert report["by_collection"]["CFItems"]["changed"] == TEXAS_ITEMS
    assert report["outcomes"]["refused"] == 0
    district.imported("import-case", COMMON_CORE, "case")
    valid = Draft201909Validator(json.loads(OFFICIAL_SCHEMA.read_text("utf-8")))
    for path in (TEXAS, COMMON_CORE):
        sent = json.loads(path.read_text("utf-8"))
        given = district.get(f"/ims/case/v1p1/CFPackages/{sent['CFDocument']['identifier']}")
        assert [error.message for error in valid.iter_errors(given)] == []
        assert len(given["CFItems"]) == len(sent["CFItems"])
        if path == COMMON_CORE:
            assert _by_identifier(given) == _by_identifier(sent)


def _by_identifier(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a package with its lists as mappings: their order says nothing."""
    lists = {
        name: {one["identifier"]: one for one in package[name]}
        for name in ("CFItems", "CFAssociations")
    }
    return {"CFDocument": package["CFDocument"], **lists}


def a_delta(directory: Path) -> Path:
    """Write a delta of the package: one objective's score corrected, another result deleted."""
    with zipfile.ZipFile(ONEROSTER) as package:
        scored = _rows(package, "resultLearningObjectiveIds")
        results = _rows(package, "results")
        manifest = package.read("manifest.csv").decode()
    corrected = dict(scored[0], score="2.0", textScore="", status="active")
    deleted_id = next(
        one["sourcedId"]
        for one in results
        if sum(each["resultSourcedId"] == one["sourcedId"] for each in scored) == 1
        and one["sourcedId"] != corrected["resultSourcedId"]
    )
    deleted = dict(next(one for one in results if one["sourcedId"] == deleted_id))
    deleted["status"] = "tobedeleted"
    lines = [f"{name},{_mode(name, value)}" for name, value in csv.reader(io.StringIO(manifest))]
    path = directory / "delta.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.csv", "\n".join(lines) + "\n")
        for name, row in (("resultLearningObjectiveIds", corrected), ("results", deleted)):
            row["dateLastModified"] = "2026-11-01T06:00:00.000Z"
            text = io.StringIO()
            writer = csv.DictWriter(text, row.keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerow(row)
            package.writestr(f"{name}.csv", text.getvalue())
    return path


def _mode(name: str, value: str) -> str:
    if name in ("file.results", "file.resultLearningObjectiveIds"):
        return "delta"
    return "absent" if value == "bulk" else value


def _rows(package: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    with package.open(f"{name}.csv") as file:
        return list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))

"""Published samples of OneRoster, from the file or the message to observations."""

import json
from collections import Counter, defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.evidence.domain.oneroster.json_binding import assemble, read_object, write_object
from services.evidence.domain.oneroster.results import (
    observations_of_assessment_result,
    observations_of_result,
)
from services.evidence.domain.source_object import Collection, ObjectKey, SourceSettings
from services.evidence.entrypoints.importing.oneroster.package import Package
from tests.support.oneroster import PUBLISHED, WHY_NOT

SAMPLES = PUBLISHED.parent / "producer-samples"
SETTINGS = SourceSettings(source="sis", zone=ZoneInfo("America/Chicago"))
OBJECTIVE = "6ba221e0-d7cc-11e8-824f-0242ac160002"

pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason=WHY_NOT)


def a_sample(name):
    """Return a message of a producer, with numbers as exact as they were sent."""
    text = (SAMPLES / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal)


def test_a_district_s_results_become_observations():
    """664 objectives of 486 graded results; 21 results that were not scored have no points."""
    kept, children = {}, defaultdict(list)
    with Package(PUBLISHED / "grand-bend-v1p2-bulk.zip") as package:
        for row in package.rows():
            for one in row.reading.objects:
                kept[one.key] = one
                if one.parent is not None:
                    children[one.parent].append(one)
    counts = Counter()
    for key, one in kept.items():
        if key.collection is Collection.RESULTS:
            line_item = ObjectKey(
                collection=Collection.LINE_ITEMS, id=one.content["lineItem"]["sourcedId"]
            )
            observations = observations_of_result(
                assemble(one, children[key]),
                assemble(kept[line_item], children[line_item]),
                SETTINGS,
            )
            for observation in observations:
                assert observation.competencies
                counts[observation.part != "", observation.points is not None] += 1
    assert counts == {(True, True): 664, (False, False): 21}


def test_a_result_that_a_classroom_puts_is_observed():
    """3 of 4 on one objective, and given out again as it came but for the links."""
    document = a_sample("oneroster_put_result")
    kept, *children = read_object(Collection.RESULTS, document).objects
    (one,) = observations_of_result(assemble(kept, children), None, SETTINGS)
    assert (one.part, one.points) == (OBJECTIVE, (3_000, 4_000))
    written = write_object(kept, children, base_url="https://trellis.example.org")
    assert without_links(written) == without_links(document["result"])


def test_an_assessment_result_that_a_vendor_puts_is_observed():
    """A share of 0.83 needs the full score of its objectives to be set to 1."""
    document = a_sample("oneroster_put_assessment_result")
    (kept,) = read_object(Collection.ASSESSMENT_RESULTS, document).objects
    settings = SourceSettings(source="sis", zone=SETTINGS.zone, objective_maximum_milli=1_000)
    (one,) = observations_of_assessment_result(assemble(kept, ()), None, settings)
    assert (one.part, one.points) == (OBJECTIVE, (830, 1_000))
    written = write_object(kept, (), base_url="https://trellis.example.org")
    assert without_links(written) == without_links(document["assessmentResult"])


def without_links(value):
    """Return a JSON value without its links."""
    if isinstance(value, dict):
        return {name: without_links(one) for name, one in value.items() if name != "href"}
    return [without_links(one) for one in value] if isinstance(value, list) else value

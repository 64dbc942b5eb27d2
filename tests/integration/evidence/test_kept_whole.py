"""Whatever a format accepts survives being kept: read from the store it is as it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.evidence.domain.document import DocumentOutcome, Format
from services.evidence.domain.formats import read_document
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import SourceObject, SourceSettings
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase, run_coroutine
from tests.support.sis import MATH, Sent, a_sis, as_document, line_item, org, result, user

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.decimals(-(10**9), 10**9, places=4)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["metadata", "title", "name", "givenName", "score", "comment", "grades", "unknown"]
SETTINGS = SourceSettings(source="sis", zone=UTC)
SENT = [org(), user("u1"), line_item("l1", MATH), result("r1", "u1", objectives={MATH: 3})]


def read(sent: Sent) -> tuple[SourceObject, ...] | None:
    """Return the objects of a document; None where it is refused."""
    try:
        return read_document(as_document(*sent), Format.ONEROSTER_JSON_1_2, SETTINGS).objects
    except RefusedError:
        return None


async def sent_and_found(
    database: ServiceDatabase, district: str, sent: Sent
) -> tuple[DocumentOutcome, list[SourceObject]]:
    """Keep a document; return what became of it, and its objects as the store has them."""
    keys = [one.key for one in read(sent) or ()]
    async with a_sis(database, district=district) as sis:
        (outcome,) = await sis.send(sent)
        async with sis.built.surroundings.store.change(district) as change:
            found = await change.objects.standing(keys)
    return outcome, [found[key].object for key in keys]


def test_what_is_read_is_kept_and_found_as_it_was(postgres_database: DatabaseFactory) -> None:
    """Texts of any characters, numbers of any size that is taken, lists and objects within."""
    database = postgres_database("evidence", SCHEMA)
    districts = (f"district-{number}" for number in count())

    @settings(
        max_examples=40,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        one=st.sampled_from(SENT),
        changes=st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=3),
    )
    def holds(one: Sent, changes: Mapping[str, Any]) -> None:
        sent = (one[0], {**one[1], **changes})
        outcome, found = run_coroutine(sent_and_found(database, next(districts), sent))
        expected = read(sent)
        assert (outcome is DocumentOutcome.REFUSED) == (expected is None)
        assert found == list(expected or ())

    holds()

"""Every format reads documents under the same rules, whatever its own are."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC

import pytest

from services.evidence.adapters.exact_json import (
    JsonDocumentDecoder,
    decode_json,
    encode_json,
    json_text,
)
from services.evidence.domain.case.shapes import CLASSES
from services.evidence.domain.document import Document, Format
from services.evidence.domain.formats import READERS, read_document
from services.evidence.domain.json_record import read_json_record
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.oneroster.schema import FILES, SCHEMA
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json, Reading, SourceSettings
from services.evidence.domain.texts import UNSTORABLE
from services.evidence.entrypoints.pulling.edfi import ALL_RESOURCES
from tests.support.case import a_document
from tests.support.pages import REPOSITORY

SETTINGS = SourceSettings(source="sis", zone=UTC)
ORG = {"sourcedId": "o-1", "name": "Birchwood", "type": "school"}
SCHOOL = {
    "schoolId": 255901,
    "nameOfInstitution": "Birchwood",
    "educationOrganizationCategories": [
        {"educationOrganizationCategoryDescriptor": "uri://ed-fi.org/x#School"}
    ],
    "gradeLevels": [],
}
DOCUMENTS: dict[Format, tuple[str, dict[str, Json], str]] = {
    Format.ONEROSTER_CSV_1_1: ("orgs", {**ORG}, "name"),
    Format.ONEROSTER_CSV_1_2: ("orgs", {**ORG}, "name"),
    Format.ONEROSTER_JSON_1_1: ("orgs", {**ORG}, "name"),
    Format.ONEROSTER_JSON_1_2: ("orgs", {**ORG}, "name"),
    Format.EDFI: ("schools", {**SCHOOL}, "nameOfInstitution"),
    Format.CASE_1_0: ("CFDocuments", dict(a_document(caseVersion=None)), "title"),
    Format.CASE_1_1: ("CFDocuments", dict(a_document()), "title"),
}
"""A document of each format, and a field of it that is a text."""


def read(form: Format, collection: str, content: dict[str, Json]) -> Reading:
    """Return what a document says, after its way over the wire."""
    sent = encode_json(content)
    decoded, fault = JsonDocumentDecoder().decode(sent)
    document = Document(collection=collection, content=decoded, sent=sent, fault=fault)
    return read_document(document, form, SETTINGS)


def test_there_is_a_document_of_every_format() -> None:
    """A new format is tested here too."""
    assert set(DOCUMENTS) == set(READERS) == set(Format)


@pytest.mark.parametrize("form", DOCUMENTS)
def test_the_documents_of_this_page_are_read(form: Format) -> None:
    """So that what is refused below is refused for what was changed."""
    collection, content, _ = DOCUMENTS[form]
    assert read(form, collection, content).objects


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
@pytest.mark.parametrize("form", DOCUMENTS)
def test_no_format_takes_what_no_store_keeps(form: Format, character: str) -> None:
    """NUL and halves of characters are refused, as cutting them out would make other texts."""
    collection, content, field = DOCUMENTS[form]
    with pytest.raises(RefusedError) as refused:
        read(form, collection, {**content, field: f"Birch{character}wood"})
    assert refused.value.refusal.reason is RefusalReason.MALFORMED
    assert character not in refused.value.refusal.message


@pytest.mark.parametrize("form", [one for one in DOCUMENTS if "CSV" not in one.name])
@pytest.mark.parametrize("unknown", [{"x\x00": "y"}, {"x": {"y": ["\x00"]}}, {"x": {"\ud800": 1}}])
def test_nor_does_it_take_it_within_what_it_does_not_know(
    form: Format, unknown: dict[str, Json]
) -> None:
    """Fields that a format does not know are kept with the rest, or left out: never a fault."""
    collection, content, _ = DOCUMENTS[form]
    kept: list[str] = []
    with contextlib.suppress(RefusedError):
        reading = read(form, collection, {**content, **unknown})
        kept = [json_text(one.content) for one in reading.objects]
    assert not any(UNSTORABLE.search(text) or "\\u0000" in text for text in kept)


def test_the_page_for_administrators_names_every_collection_that_is_taken() -> None:
    """What a refusal with UNSUPPORTED points to says the truth."""
    page = (REPOSITORY / "docs/sources.md").read_text("utf-8").partition("## What is taken")[2]
    named = set(re.findall(r"`([A-Za-z]+)`", page))
    files = {name for version in FILES.values() for name in version}
    objects = {one.value for one, schema in SCHEMA.items() if schema.parent is None}
    assert named - {"UNSUPPORTED"} == files | objects | {
        *(one.value for one in CLASSES),
        *ALL_RESOURCES,
    }


def test_the_smallest_record_of_that_page_is_a_record() -> None:
    """Whoever copies it can send it."""
    page = (REPOSITORY / "docs/sources.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert read_json_record(decode_json(example.encode()), source="lms").event_id

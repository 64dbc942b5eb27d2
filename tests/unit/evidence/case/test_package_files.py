"""CASE packages from files: bounded, in one character set, and as one JSON text."""

import codecs
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.case.shapes import CaseVersion
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.case import package_file
from services.evidence.entrypoints.importing.case.package_file import (
    documents_of,
    read_package_file,
    version_of,
)
from tests.support.case import (
    TEXAS,
    a_document,
    a_framework_package,
    a_package,
    needs_published,
)

TEXT = encode_json(a_framework_package())


def a_file(directory: Path, data: bytes, name: str = "package.json") -> Path:
    """Return a file with this content."""
    path = directory / name
    path.write_bytes(data)
    return path


def refusal(data: bytes):
    """Return why the bytes are no package."""
    with pytest.raises(RefusedError) as refused:
        list(documents_of(data))
    return refused.value.refusal


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_file_gives_its_documents_in_the_order_to_keep_them(tmp_path, mark):
    """Framework, definitions, items, associations, rubrics; with a byte order mark as without."""
    found = list(read_package_file(a_file(tmp_path, mark + TEXT)))
    collections = [collection for collection, _ in found]
    assert collections == [
        Collection.CF_DOCUMENTS,
        Collection.CF_ITEM_TYPES,
        *[Collection.CF_ITEMS] * 3,
        *[Collection.CF_ASSOCIATIONS] * 4,
        Collection.CF_RUBRICS,
    ]
    assert found[0][1] == a_document()


def test_a_compressed_file_is_the_same(tmp_path):
    """By its ending."""
    packed = a_file(tmp_path, gzip.compress(TEXT), "package.json.gz")
    assert list(read_package_file(packed)) == list(documents_of(TEXT))


@needs_published
def test_the_file_of_texas_gives_its_3045_documents():
    """The framework, fourteen definitions, and as many associations as items."""
    found = list(read_package_file(TEXAS))
    assert len(found) == 3_045
    assert sum(collection is Collection.CF_ITEMS for collection, _ in found) == 1_515


@pytest.mark.parametrize("data", [b"", gzip.compress(TEXT)[:-20], b"not compressed"])
def test_a_broken_compressed_file_is_refused(tmp_path, data):
    """As one that was cut off on the way."""
    with pytest.raises(RefusedError):
        list(read_package_file(a_file(tmp_path, data, "package.json.gz")))


@pytest.mark.parametrize("name", ["package.json", "package.json.gz"])
def test_a_file_beyond_the_bound_is_refused_whatever_it_is_compressed_to(
    tmp_path, monkeypatch, name
):
    """Nothing beyond the bound is ever unpacked."""
    monkeypatch.setattr(package_file, "MAX_PACKAGE_BYTES", 1_000)
    data = b" " * 1_001
    path = a_file(tmp_path, gzip.compress(data) if name.endswith(".gz") else data, name)
    with pytest.raises(RefusedError) as refused:
        read_package_file(path)
    assert refused.value.refusal.reason is RefusalReason.RECORD_TOO_LARGE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON"),
        (b"{", "line 1, column 2"),
        (TEXT + b"{}", "no JSON"),
        (b"[]", "no object"),
        (b"{}", "CFDocument"),
        (TEXT.replace(b'"creator"', b'"title"'), "'title' stands twice"),
        (b'{"x": NaN}', "NaN"),
        (b'{"x": -Infinity}', "-Infinity"),
        (b'{"x": 1e99999999999999999999}', "number"),
        (b'{"x": ' + b"9" * 5_000 + b"}", "number"),
        (b"[" * 100_000, "nested"),
        ('{"x": "é"}'.encode("latin-1"), "Byte 8 is no UTF-8"),
        (codecs.BOM_UTF16_LE + TEXT.decode().encode("utf-16-le"), "UTF-16"),
        (TEXT.decode().encode("utf-32"), "UTF-16 or UTF-32"),
    ],
)
def test_what_is_no_package_is_refused_with_what_is_wrong(data, said):
    """Two readers could not understand it in two ways."""
    found = refusal(data)
    assert said in found.message
    assert found.hint


@given(data=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_are_a_package_or_refused(data):
    """Nothing but RefusedError comes out."""
    with pytest.raises(RefusedError):
        documents_of(data)


def test_the_version_is_what_the_framework_claims():
    """Before 1.1 there was no such field."""
    assert version_of(a_package()) is CaseVersion.V1P1
    document = a_document(caseVersion=None)
    assert version_of(a_package(CFDocument=document)) is CaseVersion.V1P0
    assert version_of(json.loads("{}")) is CaseVersion.V1P0

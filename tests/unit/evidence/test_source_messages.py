"""What the sender of documents says of itself is checked before a store is asked."""

from __future__ import annotations

import pytest
from trellis.evidence.v1 import evidence_pb2, source_service_pb2

from services.evidence.adapters.wire.sources import unread_from
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.entrypoints.grpc_sources import check_source


@pytest.mark.parametrize("source", ["", "a\x00", "two words", "x" * 65, "ü"])
def test_what_is_no_name_of_a_source_is_refused(source: str) -> None:
    """Also where a credential may send for all of them."""
    with pytest.raises(InvalidRequestError, match="source: is no name"):
        check_source(source)


def test_a_name_of_a_source_is_taken() -> None:
    """Letters, digits, dots, underscores and hyphens."""
    check_source("sis_2.maple-county")


def test_what_an_importer_says_of_a_fault_can_be_kept() -> None:
    """Whatever characters its words have: they may quote what is wrong."""
    refusal = evidence_pb2.Refusal(
        reason=evidence_pb2.REFUSAL_REASON_MALFORMED, field="a\x00", message="b\x00", hint="c\x00"
    )
    message = source_service_pb2.UnreadDocument(collection="users", refusal=refusal)
    found = unread_from(message).refusal
    assert "\x00" not in found.field + found.message + found.hint
    assert found.message == "b\ufffd"

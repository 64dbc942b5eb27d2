"""What is in quarantine, as a person sees it: whole, and without power over the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2

from services.evidence.entrypoints.commands import quarantine
from services.evidence.entrypoints.commands.quarantined import print_whole

CLEARS = "\x1b[2J\x1b]0;title\x07\x9b2J"
WRITTEN_OUT = "\\x1b[2J\\x1b]0;title\\x07\\x9b2J"


def a_record(sent: bytes) -> evidence_service_pb2.QuarantinedRecord:
    """Return a record of which every text of its sender's holds what clears a terminal."""
    return evidence_service_pb2.QuarantinedRecord(
        quarantine_id=7,
        event_id=f"e{CLEARS}",
        source=f"s{CLEARS}",
        file=f"f{CLEARS}",
        kind=evidence_service_pb2.QuarantinedRecord.KIND_DOCUMENT,
        record=sent,
        record_length_bytes=len(sent),
        refusal=evidence_pb2.Refusal(field=f"x{CLEARS}", message=f"m{CLEARS}", hint="h"),
    )


@pytest.mark.parametrize("sent", [CLEARS.encode(), b'{"comment": "\\u001b[2J\\u009b"}', b"a\tb\nc"])
def test_what_somebody_sent_has_no_power_over_a_terminal(sent: bytes) -> None:
    """Its control characters are written out; line ends and tabs stay."""
    file = StringIO()
    print_whole(a_record(sent), Console(file=file, highlight=False, markup=False, soft_wrap=True))
    told = file.getvalue()
    assert not {"\x1b", "\x07", "\x9b"} & set(told)
    assert f"e{WRITTEN_OUT}" in told
    assert f"m{WRITTEN_OUT}" in told


def test_a_list_has_no_power_over_a_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever ids, files and messages hold."""
    quarantine._print([a_record(b"{}")], limit=10)
    told = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b"} & set(told)
    assert "s\\x1b[2J" in told

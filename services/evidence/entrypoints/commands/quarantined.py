"""One record of the quarantine, decoded for people: who sent it, what it says, why it is there."""

import json
from typing import Any, Final

from google.protobuf.message import DecodeError
from rich.console import Console
from rich.table import Table
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2

from services.evidence.adapters.exact_json import decode_json, encode_json
from services.evidence.adapters.wire.evidence import record_from
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.json_writing import write_json_record
from services.evidence.domain.refusals import RefusedError
from services.evidence.entrypoints.commands.layout import sentences
from services.evidence.entrypoints.commands.plain import as_json, iso, plain, visible, word

Quarantined = evidence_service_pb2.QuarantinedRecord

STATE: Final = Quarantined.DESCRIPTOR.enum_types_by_name["State"]
KIND: Final = Quarantined.DESCRIPTOR.enum_types_by_name["Kind"]
REASON: Final = evidence_pb2.RefusalReason.DESCRIPTOR


def shown(one: Any) -> dict[str, Any]:  # noqa: ANN401  (a record of the quarantine, or redriven)
    """Return what a list says of a record: all but what was sent."""
    return {name: value for name, value in plain(one).items() if name != "record"}


def whole(one: Quarantined) -> dict[str, Any]:
    """Return everything, with what was sent as a JSON value, or as text where it is none."""
    sent = sent_as_json(one)
    content: Any = one.record.decode("utf-8", "replace") if sent is None else json.loads(sent)
    return shown(one) | {"sent": content}


def sent_as_json(one: Quarantined) -> bytes | None:
    """Return what was sent as JSON; None where it cannot be decoded, or was cut."""
    if len(one.record) < one.record_length_bytes:
        return None
    if one.kind != Quarantined.KIND_RECORD:
        try:
            return encode_json(decode_json(one.record))
        except (RefusedError, UnicodeEncodeError):
            return None
    try:
        message = evidence_pb2.Record.FromString(one.record)
        return encode_json(write_json_record(record_from(message, len(one.record))))
    except (DecodeError, InvalidRequestError):
        # A kind of reference that nothing here knows: its sender is newer than this command.
        return None


def place_of(one: Quarantined) -> str:
    """Return where it stood, or what it is about."""
    place = [f"import {one.import_id}"] if one.import_id else []
    if one.file or one.collection:
        place.append(one.file or one.collection)
    if one.line:
        place.append(f"line {one.line}")
    if one.event_id or not place:
        place.append(f"event {one.event_id or '(none)'}")
    return " ".join(place)


def print_whole(one: Quarantined, console: Console) -> None:
    """Print everything for people."""
    table = Table.grid(padding=(0, 2))
    for name, value in _facts(one):
        if value:
            table.add_row(name, visible(value))
    console.print(table)
    console.print(visible(f"{sentences(one.refusal.message)}\n{one.refusal.hint}"))
    sent = sent_as_json(one)
    if sent is not None:
        console.print(visible(as_json(json.loads(sent))))
        return
    if not one.record and one.record_length_bytes:
        console.print("What was sent may hold names: it is shown with the scope roster.read.")
        return
    if len(one.record) < one.record_length_bytes:
        console.print(
            f"Of {one.record_length_bytes:,} bytes the first {len(one.record):,} are kept:"
            " it cannot be redriven; its source has to send it again."
        )
    console.print(visible(one.record.decode("utf-8", "replace")))


def _facts(one: Quarantined) -> list[tuple[str, str]]:
    return [
        ("number", str(one.quarantine_id)),
        ("state", word(STATE, one.state) + (", about to be looked at again" if one.due else "")),
        ("since", iso(one.state_time) if one.HasField("state_time") else ""),
        ("by", one.actor),
        ("note", one.note),
        ("reason", word(REASON, one.refusal.reason)),
        ("field", one.refusal.field),
        ("what", word(KIND, one.kind)),
        ("source", one.source),
        ("import", one.import_id),
        ("file", one.file),
        ("line", str(one.line or "")),
        ("collection", one.collection),
        ("id", one.event_id),
        ("received", iso(one.receive_time)),
    ]

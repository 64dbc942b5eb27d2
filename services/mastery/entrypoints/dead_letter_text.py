"""Dead letters as text for people: a line in a list, and the whole of one with its bytes.

Whatever a stranger put into a record must not reach a terminal as it is: bytes are shown as a dump
or escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from google.protobuf.message import DecodeError
from google.protobuf.text_format import MessageToString
from trellis.evidence.v1 import evidence_pb2

from services.common.postgres.dead_letter import DeadLetter

BYTES_A_LINE: Final = 16
TIME_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


def line_of(letter: DeadLetter) -> str:
    """Return a letter as a line: id, place, time, reason, detail."""
    time = letter.receive_time.strftime(TIME_FORM)
    return f"{letter.dead_letter_id} {_place(letter)} {time} {letter.reason} {letter.detail}"


def counts_of(counts: Mapping[str, int]) -> str:
    """Return how many letters wait to be dealt with, by reason."""
    parts = [f"{count} {reason}" for reason, count in counts.items()]
    return f"not redriven: {', '.join(parts) or 'none'}"


def whole_of(letter: DeadLetter, dump_bytes: int) -> Iterator[str]:
    """Yield the lines of a letter with its headers, its bytes and, if there is one, its message."""
    redriven = letter.redrive_time
    yield f"id        {letter.dead_letter_id}"
    yield f"place     {_place(letter)}"
    yield f"group     {letter.consumer_group}"
    yield f"received  {letter.receive_time.strftime(TIME_FORM)}"
    yield f"redriven  {redriven.strftime(TIME_FORM) if redriven else 'no'}"
    yield f"reason    {letter.reason}"
    yield f"detail    {letter.detail}"
    for name, value in letter.headers:
        yield f"header    {name!r} = {'none' if value is None else repr(value)}"
    yield from _bytes_of("key", letter.key, dump_bytes)
    yield from _bytes_of("value", letter.value, dump_bytes)
    yield from _message_of(letter.value)


def _place(letter: DeadLetter) -> str:
    return f"{letter.topic}/{letter.partition}/{letter.record_offset}"


def _bytes_of(name: str, value: bytes | None, dump_bytes: int) -> Iterator[str]:
    if value is None:
        yield f"{name:<9} none"
        return
    yield f"{name:<9} {len(value)} bytes"
    for at in range(0, min(len(value), dump_bytes), BYTES_A_LINE):
        part = value[at : min(at + BYTES_A_LINE, dump_bytes)]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        yield f"  {at:06x}  {part.hex(' '):<47}  {text}"
    if len(value) > dump_bytes:
        yield f"  … {len(value) - dump_bytes} bytes more (--bytes shows them)"


def _message_of(value: bytes | None) -> Iterator[str]:
    """Yield what the value says as an EvidenceEvent; it has no personal data, as no fact has."""
    if value is None:
        return
    try:
        event = evidence_pb2.EvidenceEvent.FromString(value)
    except DecodeError:
        yield "message   none: the value is no EvidenceEvent"
        return
    yield "message   EvidenceEvent"
    for line in MessageToString(event, as_utf8=False).splitlines():
        yield f"  {line}"

"""Aliases: what each reference of each system has meant, and from when until when.

The same e-mail or number may belong to one person this year and to another the next, so an alias
holds for a span of time, and evidence is resolved as of the time of the work. It must not know
where aliases are kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from services.evidence.domain.references import Reference

ALWAYS_MICROS = -(2**62)
FOREVER_MICROS = 2**62


class SubjectKind(IntEnum):
    """Whom or what an alias names. The numbers are the contract's."""

    LEARNER = 1
    ADULT = 2
    SECTION = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias:
    """That a reference means a subject from one moment on until another.

    subject_id: the learner's, adult's or section's id in Trellis. from_micros is included,
    until_micros is not: ALWAYS_MICROS and FOREVER_MICROS where it has no such bound. said_by: the
    source whose user says it; empty where a person has said it, which only a person takes back.
    """

    subject_kind: SubjectKind
    reference: Reference
    subject_id: str
    from_micros: int = ALWAYS_MICROS
    until_micros: int = FOREVER_MICROS
    said_by: str = ""


def span_at(aliases: Iterable[Alias], at_micros: int) -> Alias | None:
    """Return the span in which a moment lies; spans of one reference never overlap."""
    return next((one for one in aliases if one.from_micros <= at_micros < one.until_micros), None)


def holder_at(aliases: Iterable[Alias], at_micros: int) -> str | None:
    """Return whom a reference meant at a moment."""
    span = span_at(aliases, at_micros)
    return None if span is None else span.subject_id


def find_overlap(alias: Alias, others: Sequence[Alias]) -> Alias | None:
    """Return another subject's alias of the same reference whose span meets this one's."""
    for other in others:
        if (
            other.subject_id != alias.subject_id
            and other.from_micros < alias.until_micros
            and alias.from_micros < other.until_micros
        ):
            return other
    return None

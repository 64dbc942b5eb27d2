"""How a person at a shell names a learner, an adult or a section: by its name, or as a system does.

districts/cedar/learners/4f…    the name in Trellis, as lists show it
sis:1042                        the id that the source "sis" has for it
email:ana@example.org           what means the same everywhere: email, sis_number
lms_uuid:canvas:8f0c…           any other kind of id, and the system whose it is
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import click
from trellis.roster.v1 import roster_service_pb2

from services.evidence.adapters.wire.references import reference_to
from services.evidence.domain.references import (
    DISTRICT_WIDE,
    Reference,
    ReferenceKind,
    reference,
)
from services.evidence.entrypoints.commands.calls import Service, batches

KINDS: Final = {one.name.lower(): one for one in ReferenceKind}

SubjectKind = roster_service_pb2.SubjectKind

_WORDS: Final = {
    roster_service_pb2.SUBJECT_KIND_LEARNER: "learner",
    roster_service_pb2.SUBJECT_KIND_ADULT: "adult",
    roster_service_pb2.SUBJECT_KIND_SECTION: "section",
}

HOW_TO_NAME: Final = (
    "a name as districts/…, SOURCE:ID as in sis:1042, or KIND:VALUE as in email:ana@example.org"
)


class NamingError(Exception):
    """A text that names nobody, and why."""


def reference_of(text: str) -> Reference:
    """Return the reference that a text is. Raises NamingError."""
    head, separator, rest = text.partition(":")
    if not separator or not rest.strip():
        raise NamingError(f"write {HOW_TO_NAME}")
    kind = KINDS.get(head)
    if kind is None:
        return reference(ReferenceKind.SOURCED_ID, rest, head)
    if kind in DISTRICT_WIDE:
        return reference(kind, rest)
    system, separator, value = rest.partition(":")
    if not separator or not system or not value.strip():
        raise NamingError(f"an id of this kind needs the system whose it is: {head}:SYSTEM:VALUE")
    return reference(kind, value, system)


@dataclass(kw_only=True)
class Names:
    """Finds the names of learners, adults and sections; each reference is asked for once."""

    service: Service
    _found: dict[tuple[SubjectKind, Reference], str] = field(default_factory=dict)

    async def know(self, kind: SubjectKind, texts: Sequence[str]) -> None:
        """Look up what these texts name, in few calls; what is none is left for `name`."""
        asked = []
        for text in texts:
            if not is_name(text):
                try:
                    asked.append(reference_of(text))
                except NamingError:
                    continue
        new = [one for one in dict.fromkeys(asked) if (kind, one) not in self._found]
        for batch in batches(new):
            response = await self.service.call(
                self.service.roster.FindSubjects,
                roster_service_pb2.FindSubjectsRequest(
                    kind=kind, references=[reference_to(one) for one in batch]
                ),
            )
            for one, name in zip(batch, response.subjects, strict=True):
                self._found[kind, one] = name

    def name(self, kind: SubjectKind, text: str) -> str:
        """Return the name of whom a text names, once it is known. Raises NamingError."""
        if is_name(text):
            return text
        found = self._found.get((kind, reference_of(text)))
        if not found:
            raise NamingError(f"nobody knows a {_WORDS[kind]} by this reference now")
        return found


def is_name(text: str) -> bool:
    """Whether a text is a name in Trellis, and no reference."""
    return text.startswith("districts/")


async def learner_names(service: Service, *texts: str) -> list[str]:
    """Return the names of learners; a text that names nobody is a fault in how the command is used.

    Raises click.UsageError.
    """
    names = Names(service=service)
    await names.know(roster_service_pb2.SUBJECT_KIND_LEARNER, texts)
    found = []
    for text in texts:
        try:
            found.append(names.name(roster_service_pb2.SUBJECT_KIND_LEARNER, text))
        except NamingError as error:
            raise click.UsageError(f"{text}: {error}") from error
    return found

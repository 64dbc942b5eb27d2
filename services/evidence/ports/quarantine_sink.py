"""Where documents go of which no record could be made: kept as they came, for a person to look at.

A record that can be read and is then refused is kept with the answer, by the ledger; this is for
what cannot even be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.evidence.domain.model import Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadableDocument:
    """One document of which no record could be made.

    source, event_id: what it says of itself, unchecked, perhaps nothing. raw: its bytes, or the
    same document encoded anew where it was one of several in a body. line: in its file, 0 where it
    came in none.
    """

    source: str
    event_id: str
    refusal: Refusal
    raw: bytes
    import_id: str | None = None
    line: int = 0


class QuarantineSink(Protocol):
    """Keeps such documents."""

    async def keep(self, district: str, documents: Sequence[UnreadableDocument]) -> None:
        """Keep these documents of a district; one that is already there is left as it is."""
        ...

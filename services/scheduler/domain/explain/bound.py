"""What bound a claim in a slot: the rule, and the reason in words for staff."""

from dataclasses import dataclass

from services.scheduler.domain.rulebook import Rule


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Why a claim has no seat in a slot.

    `nearness` is how near it came to one (`reasons.NEAREST`). `cause` is a clause without numbers
    or names, so that it is the same for everybody who was bound alike; `detail`, where there is
    more to say, is the whole sentence.
    """

    nearness: str
    rule: Rule
    cause: str
    detail: str = ""

    @property
    def sentence(self) -> str:
        """The reason as a sentence, with numbers where there are any."""
        return self.detail or f"{self.cause[:1].upper()}{self.cause[1:]}."

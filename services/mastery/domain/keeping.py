"""The lower thresholds: what keeps a published status that was reached.

Who publishes a status and who says why it fell both read them here, so that nobody is told of a
threshold that was never asked of them.
"""

from dataclasses import dataclass

from services.mastery.domain.estimate import is_open
from services.mastery.domain.model import Decision, EstimateMicro, Gate, Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeping:
    """A gate that must stay open, and a level in thousandths that must be held."""

    gate: Gate
    level_milli: int

    def holds(self, micro: EstimateMicro, level_milli: int) -> bool:
        """Return whether both hold."""
        return is_open(self.gate, micro) and level_milli >= self.level_milli


def keeping(status: Decision, policy: Policy) -> tuple[Keeping, ...]:
    """Return what a status must hold to be kept; nothing keeps one below proficient."""
    proficient = Keeping(
        gate=policy.keep_proficient_gate, level_milli=policy.keep_proficient_level_milli
    )
    exemplary = Keeping(
        gate=policy.keep_exemplary_gate, level_milli=policy.keep_exemplary_level_milli
    )
    return {
        Decision.PROFICIENT: (proficient,),
        Decision.EXEMPLARY: (proficient, exemplary),
    }.get(status, ())

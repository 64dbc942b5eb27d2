"""The rules of a week by name and code; docs/scheduling.md says what each one asks for.

The codes are stored, sent and compared as the texts that they are. A code keeps its meaning for
ever: a rule that goes leaves its code unused.
"""

from enum import StrEnum


class Rule(StrEnum):
    """A hard rule (H), which a week may not break, or a soft rule (S), in order of weight."""

    ONE_PLACE = "H1"
    STAFF_AND_ROOMS = "H2"
    SIZE = "H3"
    SCOPE = "H4"
    SERVICE_FIRST = "H5"
    REQUEST_ORDER = "H6"
    FREEZE = "H7"
    KEEP_APART = "H8"
    RIGHT_ADULT = "H9"
    EVIDENCE_FLOOR = "H10"
    NO_LABEL = "H11"
    EXPLAINED = "H12"
    GREATEST_NEED = "S1"
    ONE_GAP = "S2"
    VOICE = "S3"
    ENRICHMENT_FOR_ALL = "S4"
    CONTINUITY = "S5"
    CALM_EXITS = "S6"
    LOAD = "S7"
    KNOWN_ADULT = "S8"

    @property
    def is_hard(self) -> bool:
        """Whether a week that breaks it cannot be published."""
        return self.value.startswith("H")

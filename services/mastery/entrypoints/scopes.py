"""Which scope each method of this service needs; a method that is not in here cannot be added."""

from typing import Final

MASTERY_READ: Final = "mastery.read"

SCOPES: Final = {
    "GetMastery": MASTERY_READ,
    "BatchGetMastery": MASTERY_READ,
    "ListMastery": MASTERY_READ,
    "StreamNeeds": MASTERY_READ,
    "GetStateHash": MASTERY_READ,
}
"""By the bare name of the method."""

"""Which scope each method of this service needs; a method that is not in here cannot be added."""

from typing import Final

MASTERY_READ: Final = "mastery.read"
MASTERY_POLICY_WRITE: Final = "mastery.policy.write"

SCOPES: Final = {
    "GetMastery": MASTERY_READ,
    "BatchGetMastery": MASTERY_READ,
    "ListMastery": MASTERY_READ,
    "StreamNeeds": MASTERY_READ,
    "GetRollUp": MASTERY_READ,
    "ListRollUps": MASTERY_READ,
    "ListStatusFlips": MASTERY_READ,
    "GetStateHash": MASTERY_READ,
    "PutPolicy": MASTERY_POLICY_WRITE,
    "GetPolicy": MASTERY_READ,
    "ListPolicies": MASTERY_READ,
}
"""By the bare name of the method."""

"""Ids: derived ones (UUIDv5, the same everywhere), random ones, and resource names.

`random_id` and `random_token` are the only places that ask the system for randomness. The domain
takes ids as arguments and never imports this module.
"""

import re
import secrets
from uuid import UUID, uuid5

NAMESPACE_TRELLIS = UUID("e7f37421-fa93-5b33-99b7-56f0511eb549")
"""Under which every derived id of Trellis lies. Never change it: stored ids rest on it."""

SEPARATOR = "\x1f"
"""Between the parts of a derived id: ASCII's unit separator, which no part may hold."""

ID_PATTERN = r"[A-Za-z0-9._-]{1,64}"
"""What one id in a resource name may be."""

SHOWN_CHARACTERS = 80
"""At most this much of a refused name is repeated in a message."""

_ID = re.compile(ID_PATTERN)
_FIELD = re.compile(r"\{([a-z_]+)\}")


def derive_id(namespace: UUID, *parts: str) -> UUID:
    """Return the UUIDv5 of the parts, the same on every machine and in every run.

    Raises `ValueError` where a part holds the separator: two lists of parts would share an id.
    """
    for part in parts:
        if SEPARATOR in part:
            raise ValueError(f"an id part may not hold U+001F: {_shown(part)}")
    return uuid5(namespace, SEPARATOR.join(parts))


def random_id() -> str:
    """Return 128 random bits as 32 hexadecimal digits: for request ids and error ids."""
    return secrets.token_hex(16)


def random_token() -> str:
    """Return a secret of 256 random bits, safe in headers and addresses: for tokens."""
    return secrets.token_urlsafe(32)


def is_id(text: str) -> bool:
    """Whether the text may stand as one id in a resource name."""
    return _ID.fullmatch(text) is not None


class ResourceName:
    """One pattern of resource names, such as `districts/{district}/learners/{learner}`.

    `parse` and `format` are inverse. An id has 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
    """

    def __init__(self, pattern: str) -> None:
        """Take the pattern; its fields are the names in braces, in their order."""
        self.pattern = pattern
        self.fields: tuple[str, ...] = tuple(_FIELD.findall(pattern))
        literals = [re.escape(literal) for literal in _FIELD.split(pattern)[::2]]
        self._matches = re.compile(f"({ID_PATTERN})".join(literals)).fullmatch
        self._template = _FIELD.sub("{}", pattern)

    def parse(self, name: str) -> tuple[str, ...]:
        """Return the ids of a name, in the order of the pattern's fields.

        Raises `ValueError` with the pattern and the beginning of the name.
        """
        match = self._matches(name)
        if match is None:
            raise ValueError(
                f"{_shown(name)} is not a name like {self.pattern}, where each id has 1 to 64"
                " characters of A-Z a-z 0-9 . _ -"
            )
        return match.groups()

    def matches(self, name: str) -> bool:
        """Whether the name is one of this pattern."""
        return self._matches(name) is not None

    def format(self, *ids: str) -> str:
        """Return the name of these ids, in the order of the pattern's fields.

        Raises `ValueError` for a wrong number of ids, and for an id that `parse` would refuse.
        """
        if len(ids) != len(self.fields):
            raise ValueError(f"{self.pattern} takes {len(self.fields)} ids, not {len(ids)}")
        for field, text in zip(self.fields, ids, strict=True):
            if not is_id(text):
                raise ValueError(
                    f"{_shown(text)} cannot be the {field} of {self.pattern}: an id has 1 to 64"
                    " characters of A-Z a-z 0-9 . _ -"
                )
        return self._template.format(*ids)


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")

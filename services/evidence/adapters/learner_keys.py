"""The keys under which learners' ids are made: HMAC-SHA256, one key a district, from a file.

The file is JSON, {"district": "64 hexadecimal digits"}, and is a secret: who has it and a source's
ids can tell who is who. It is read once, at the start. An id is made at first sight and then
stored, so a new key changes no id that there is.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.common.config import ConfigurationError
from services.common.ids import is_id
from services.evidence.domain.roster import FirstAlias, LearnerKeyMissingError

LEARNER_ID_HEX_DIGITS = 32
"""128 bits: no two learners of a nation meet by chance."""

MIN_KEY_BYTES = 16
MAX_KEY_BYTES = 64
MAX_FILE_BYTES = 4 * 1024 * 1024

# U+001F stands in no checked source and no checked source id, so no two aliases give one text.
SEPARATOR = "\x1f"


class LearnerKeys:
    """Makes learners' ids; the port `LearnerIds`."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take the keys by district; `load` reads them from a file."""
        self._keys = keys

    @classmethod
    def load(cls, path: Path) -> "LearnerKeys":
        """Read the file; raises `ConfigurationError` with every problem and never shows a key."""
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise ConfigurationError(f"{path} has more than {MAX_FILE_BYTES} bytes")
            document = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            # The error of a decoder may hold a part of the file, which is a secret.
            said = error.strerror if isinstance(error, OSError) else "it is no JSON"
            raise ConfigurationError(f"the learner keys {path} cannot be read: {said}") from None
        if not isinstance(document, dict):
            raise ConfigurationError(f'{path} must hold {{"district": "hexadecimal digits"}}')
        problems = [_problem(district, key) for district, key in document.items()]
        if any(problems):
            raise ConfigurationError(f"{path}: " + "; ".join(filter(None, problems)))
        return cls({district: bytes.fromhex(key) for district, key in document.items()})

    @classmethod
    def development(cls, district: str) -> "LearnerKeys":
        """Give one district a key that everybody knows: for development on loopback alone."""
        return cls({district: hashlib.sha256(b"trellis development").digest()})

    def derive(self, district: str, aliases: Sequence[FirstAlias]) -> Mapping[FirstAlias, str]:
        """Return the id of each alias, 32 hexadecimal digits.

        Raises `LearnerKeyMissingError`, though not where there is nothing to make.
        """
        if not aliases:
            return {}
        key = self._keys.get(district)
        if key is None:
            raise LearnerKeyMissingError(district=district)
        return {alias: _learner_id(key, alias) for alias in aliases}


def _learner_id(key: bytes, alias: FirstAlias) -> str:
    """Return the first half of the HMAC of an alias in hexadecimal digits."""
    text = f"{alias.source}{SEPARATOR}{alias.source_id}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:LEARNER_ID_HEX_DIGITS]


def _problem(district: str, key: object) -> str:
    """Return what is wrong with an entry; empty where nothing is."""
    if not is_id(district):
        return "a district must be 1 to 64 letters, digits, dots, underscores and hyphens"
    try:
        size = len(bytes.fromhex(key)) if isinstance(key, str) else 0
    except ValueError:
        size = 0
    if MIN_KEY_BYTES <= size <= MAX_KEY_BYTES:
        return ""
    return f"{district}: a key is {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes in hexadecimal digits"

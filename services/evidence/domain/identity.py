"""What makes an observation the same one, and its content the same content: ids and hashes.

They are the same everywhere: stored ids and the tie-break between equal versions rest on them, so
nothing in here may ever change.
"""

import hashlib

from services.evidence.domain.model import RetractionReason

SEPARATOR = "\x1f"
"""Between the parts of ids and hashes; no checked text can hold it."""


def derive_evidence_id(namespace: bytes, source: str, entity_id: str) -> bytes:
    """Return UUIDv5 (RFC 9562) of source and entity id under a district's namespace, 16 bytes.

    By hand, as uuid.uuid5 takes four times as long and this runs once a record.
    """
    name = f"{source}{SEPARATOR}{entity_id}".encode()
    digest = bytearray(hashlib.sha1(namespace + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


_TIMES_BYTES = 2
MAX_TIMES_RESOLVED = 256**_TIMES_BYTES - 1


def content_hash(content: str) -> bytes:
    """Return the tie-break between facts of one version, 16 bytes.

    Two bytes of zero, then the first 14 bytes of SHA-256 over a canonical text.
    """
    return bytes(_TIMES_BYTES) + hashlib.sha256(content.encode()).digest()[: 16 - _TIMES_BYTES]


def resolved_anew(content_hash: bytes, standing_hash: bytes) -> bytes:
    """Return the tie-break of a fact that says anew what its source said before, of one version.

    Whom and what a source means can change without a word from it: learners are merged, items are
    aligned anew. Such a fact has the version of the one that stands, and must win against it.
    """
    times = int.from_bytes(standing_hash[:_TIMES_BYTES], "big") + 1
    return times.to_bytes(_TIMES_BYTES, "big") + content_hash[_TIMES_BYTES:]


def resolved_as_often(content_hash: bytes, standing_hash: bytes) -> bytes:
    """Return the tie-break of a sent fact of the version that stands: the content alone decides."""
    return standing_hash[:_TIMES_BYTES] + content_hash[_TIMES_BYTES:]


def retraction_hash(evidence_id: bytes, learner_id: str, reason: RetractionReason) -> bytes:
    """Return the content hash of a retraction: 16 bytes."""
    return content_hash(
        SEPARATOR.join(("retracted.1", evidence_id.hex(), learner_id, str(int(reason))))
    )

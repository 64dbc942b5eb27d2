"""Source objects and derived records as bytes; the port `ObjectCodec`."""

from services.evidence.adapters.exact_json import digest_of_object, encode_json
from services.evidence.adapters.wire.records import record_to
from services.evidence.domain.model import Record
from services.evidence.domain.source_object import SourceObject


class ObjectCodec:
    """Encodes what is derived as a source would have sent it."""

    def digest(self, one: SourceObject) -> bytes:
        """Return 16 bytes that are the same where an object says the same."""
        return digest_of_object(one)

    def encode_object(self, one: SourceObject) -> bytes:
        """Return an object as it is kept in quarantine."""
        return encode_json(one.content)

    def encode_record(self, record: Record) -> bytes:
        """Return a record as a source would have sent it."""
        return record_to(record).SerializeToString(deterministic=True)

"""Instants: the domain to messages."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp


def time_to(value: datetime | None) -> Timestamp | None:
    """Return the message of an aware time; None: there is none."""
    if value is None:
        return None
    message = Timestamp()
    message.FromDatetime(value)
    return message

"""aiokafka's buffer of fetched records, in which they stay as its parser has read them.

It rests on four private names of aiokafka, so that version is pinned, and the contract test of the
transport fails when what is relied on changes (docs/decisions/0010).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from aiokafka.consumer.fetcher import FetchError, FetchResult
from faust.types import TP


class ReadRecord(Protocol):
    """A record as aiokafka's parser gives it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class FetchedAsRead(OrderedDict[TP, FetchResult | FetchError]):
    """aiokafka's buffer of what it has fetched, where records stay as its parser gives them.

    It would make of each a frozen dataclass of eleven fields, which costs more than reading the
    record did, and of which a chunk takes the columns apart again at once.
    """

    def __setitem__(self, tp: TP, result: FetchResult | FetchError) -> None:
        if isinstance(result, FetchResult):
            result._partition_records._consumer_record = _as_read
        super().__setitem__(tp, result)


def _as_read(_: TP, record: ReadRecord) -> ReadRecord:
    return record

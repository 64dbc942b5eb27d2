"""Reads a batch of settings row by row: what cannot be read is refused for itself where asked for.

Requests are those of the RPCs named BatchUpsert…: parent, the rows, request_id, allow_partial and
validate_only.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.scheduler.adapters.wire.settings import Parent, request_key
from services.scheduler.domain.errors import InvalidSettingError
from services.scheduler.domain.resources import RefusedRow, Setting, refused_row
from services.scheduler.handlers.rows import UpsertRows

S = TypeVar("S", bound=Setting)
M = TypeVar("M", bound=Message)


def rows_in(
    request: Any,  # noqa: ANN401  (a request with the fields that the module names)
    parent: Parent,
    field: str,
    from_message: Callable[[Parent, str, M], S],
) -> UpsertRows[S]:
    """Return the command to keep the rows in a field of a request.

    Raises InvalidSettingError for a row that cannot be read, unless `allow_partial` is asked for.
    """
    sent: Iterable[M] = getattr(request, field)
    rows: list[S | RefusedRow] = []
    for index, message in enumerate(sent):
        try:
            rows.append(from_message(parent, f"{field}[{index}]", message))
        except InvalidSettingError as error:
            if not request.allow_partial:
                raise
            rows.append(refused_row(index, error))
    return UpsertRows(
        district=parent[0],
        school_id=parent[1],
        rows=tuple(rows),
        request=request_key(type(request).__name__, request, request.request_id),
        allow_partial=request.allow_partial,
        validate_only=request.validate_only,
    )

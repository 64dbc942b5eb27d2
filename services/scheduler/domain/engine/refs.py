"""Hands the arrays to compiled code by one pointer: so large a tuple would be copied each call."""

from typing import Any, NamedTuple

from numba import types
from numba.experimental import structref

from services.scheduler.domain.engine.board import Board
from services.scheduler.domain.engine.tables import Ints, Masks, Tables


class Best(NamedTuple):
    """The best week so far: its value [1], what is held [T, A] and who sits where [T, N]."""

    value: Masks
    held: Ints
    seat: Ints


@structref.register
class TablesType(types.StructRef):
    """The compiled type of `Tables`."""


@structref.register
class BestType(types.StructRef):
    """The compiled type of the best week so far."""


class BestRef(structref.StructRefProxy):
    """The best week so far as compiled code takes it."""


structref.define_proxy(BestRef, BestType, list(Best._fields))


@structref.register
class BoardType(types.StructRef):
    """The compiled type of `Board`."""


class TablesRef(structref.StructRefProxy):
    """`Tables` as compiled code takes it."""


class BoardRef(structref.StructRefProxy):
    """`Board` as compiled code takes it."""


structref.define_proxy(TablesRef, TablesType, list(Tables._fields))
structref.define_proxy(BoardRef, BoardType, list(Board._fields))


def refer(tables: Tables, board: Board) -> tuple[Any, Any]:
    """Return both as compiled code takes them; the arrays are the same."""
    return TablesRef(*tables), BoardRef(*board)

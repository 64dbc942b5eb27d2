"""Hands the arrays to compiled code by one pointer: so large a tuple would be copied each call.

Numba's own references (`structref`) count who holds them, and each array taken out of them, at
every call; that counting was a third of the search. Here nothing is counted: a reference keeps its
arrays alive as long as Python holds the reference.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit, typeof, types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

from services.scheduler.domain.engine.board import Board
from services.scheduler.domain.engine.tables import Ints, Masks, Tables

FIELD_BYTES = 128
"""More than any field takes: an array of three dimensions takes 88."""


class Best(NamedTuple):
    """The best week so far: its value [1], what is held [T, A] and who sits where [T, N]."""

    value: Masks
    held: Ints
    seat: Ints


class RefType(types.Type):
    """The compiled type of a reference to a named tuple of arrays and numbers."""

    def __init__(self, name: str, fields: tuple[str, ...], kinds: tuple[Any, ...]) -> None:
        self.fields = fields
        self.kinds = kinds
        super().__init__(name=f"{name}{kinds}")


class Ref:
    """A reference to a named tuple as compiled code takes it; the arrays are the same."""

    fields: tuple[str, ...] = ()

    def __init__(self, *values: Any) -> None:
        kinds = tuple(typeof(value) for value in values)
        self.type = RefType(type(self).__name__, self.fields, kinds)
        self.values = values
        self.memory = np.zeros(FIELD_BYTES * len(values), np.uint8)
        self.address = self.memory.ctypes.data
        _write_down(values, self.address)


class TablesRef(Ref):
    """`Tables` as compiled code takes it."""

    fields = Tables._fields


class BoardRef(Ref):
    """`Board` as compiled code takes it."""

    fields = Board._fields


class BestRef(Ref):
    """The best week so far as compiled code takes it."""

    fields = Best._fields


def refer(tables: Tables, board: Board) -> tuple[TablesRef, BoardRef]:
    """Return both as compiled code takes them."""
    return TablesRef(*tables), BoardRef(*board)


@intrinsic
def _store(typing_context: Any, values: Any, address: Any) -> Any:
    """Write a tuple's fields to an address, its arrays without the counter of who holds them."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        struct = context.get_value_type(values)
        for n, kind in enumerate(values.types):
            field = builder.extract_value(given[0], n)
            if isinstance(kind, types.Array):
                array = context.make_array(kind)(context, builder, value=field)
                array.meminfo = cgutils.get_null_value(array.meminfo.type)
                array.parent = cgutils.get_null_value(array.parent.type)
                field = array._getvalue()
            memory = builder.inttoptr(given[1], struct.as_pointer())
            builder.store(field, cgutils.gep_inbounds(builder, memory, 0, n))
        return context.get_dummy_value()

    return types.void(values, address), build


@njit(cache=True)
def _write_down(values, address):
    _store(values, address)


@typeof_impl.register(Ref)
def _type_of(ref: Ref, context: Any) -> RefType:
    return ref.type


@register_model(RefType)
class RefModel(models.OpaqueModel):
    """An address."""


@unbox(RefType)
def _unbox(kind: Any, ref: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(ref, "address")
    number = c.pyapi.number_as_ssize_t(address)
    c.pyapi.decref(address)
    return NativeValue(c.builder.inttoptr(number, c.context.get_value_type(kind)))


@infer_getattr
class RefFields(AttributeTemplate):
    """Says what type each field has."""

    key = RefType

    def generic_resolve(self, kind: Any, name: str) -> Any:
        """Return the type of a field; None where there is no such field."""
        return dict(zip(kind.fields, kind.kinds, strict=True)).get(name)


@lower_getattr_generic(RefType)
def _field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    struct = context.get_value_type(types.Tuple(kind.kinds))
    memory = builder.bitcast(value, struct.as_pointer())
    place = cgutils.gep_inbounds(builder, memory, 0, kind.fields.index(name))
    return builder.load(place)

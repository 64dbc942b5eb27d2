"""How lists look at a shell: nothing is cut off, as ids are typed into the next command.

It must not decide what is shown.
"""

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from rich import box
from rich.table import Table

_ON_THE_RIGHT: Final = ("count", "refused", "waiting")


def listing(*headings: str, whole: int = 1) -> Table:
    """Return an empty table; a text that is wider than its column goes on in the next line.

    whole: so many of the first columns, ids above all, are given the width that they need.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(
            heading,
            justify="right" if heading in _ON_THE_RIGHT else "left",
            overflow="fold",
            no_wrap=place < whole,
        )
    return table


def minute(time: Timestamp) -> str:
    """Return a time in UTC to the minute, short enough for a column."""
    return time.ToDatetime().strftime("%Y-%m-%d %H:%M")


def sentences(*texts: str) -> str:
    """Return texts as sentences, one after the other; a full stop is added where there is none."""
    return " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in texts if one)

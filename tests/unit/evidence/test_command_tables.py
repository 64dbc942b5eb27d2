"""CSV files that people write for commands, and how they name people and shares in them."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.references import Reference, ReferenceKind
from services.evidence.entrypoints.commands.alignments import AlignmentReader, shares
from services.evidence.entrypoints.commands.naming import NamingError, reference_of
from services.evidence.entrypoints.commands.sources import Milli
from services.evidence.entrypoints.commands.tables import TableReport, read_rows, read_table

COLUMNS = ("item", "competency", "framework", "weight", "maximum", "dok")


@given(st.lists(st.decimals(Decimal("0.001"), 1_000, places=3), min_size=1, max_size=8))
def test_shares_sum_to_the_whole_and_keep_their_order(weights: list[Decimal]) -> None:
    """Thousandths of any unit; a larger weight never has a smaller share."""
    found = shares(weights)
    assert sum(found) == 1_000
    by_weight = [share for _, share in sorted(zip(weights, found, strict=True))]
    assert all(later >= one - 1 for one, later in pairwise(by_weight))
    exact = [one * 1_000 / sum(weights) for one in weights]
    assert all(abs(share - one) < 1 for share, one in zip(found, exact, strict=True))


def test_weights_that_nobody_said_are_equal_ones() -> None:
    """The service shares equally where all are zero."""
    assert shares([None, None]) == [0, 0]
    assert shares([Decimal(2), Decimal(1)]) == [667, 333]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sis:1042", Reference(kind=ReferenceKind.SOURCED_ID, value="1042", system="sis")),
        ("sis:a:b", Reference(kind=ReferenceKind.SOURCED_ID, value="a:b", system="sis")),
        ("email:Ana@X.org", Reference(kind=ReferenceKind.EMAIL, value="ana@x.org")),
        ("sis_number:7", Reference(kind=ReferenceKind.SIS_NUMBER, value="7")),
        (
            "xapi_account:lrs:https://x.org|ana",
            Reference(kind=ReferenceKind.XAPI_ACCOUNT, value="https://x.org|ana", system="lrs"),
        ),
    ],
)
def test_people_are_named_as_systems_name_them(text: str, expected: Reference) -> None:
    """SOURCE:ID, KIND:VALUE, KIND:SYSTEM:VALUE."""
    assert reference_of(text) == expected


@pytest.mark.parametrize("text", ["", "ana", "sis:", "sis: ", "lms_uuid:x", "lms_uuid::x"])
def test_a_text_that_names_nobody_is_refused(text: str) -> None:
    """With a sentence that says how to write it."""
    with pytest.raises(NamingError):
        reference_of(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"item,competency,wieght\n", "did you mean 'weight'"),
        (b"item,item,competency\n", "twice"),
        (b"item\n", "no column 'competency'"),
        (b"", "no column 'item'"),
        (b"item,competency\n\xff,x\n", "UTF-8"),
        (b'item,competency\n"x,y\n', "line"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_anything_is_sent(
    tmp_path: Path, content: bytes, told: str
) -> None:
    """What is wrong with its first line or its form is wrong with all of it."""
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    with pytest.raises(click.UsageError, match=told):
        read_table(file, COLUMNS, ("item", "competency"))


def test_rows_of_an_item_stand_or_fall_together(tmp_path: Path) -> None:
    """An item with a faulty row is not put; each of its rows is refused with its own line."""
    file = tmp_path / "file.csv"
    file.write_text(
        "\ufeffitem, competency ,dok,maximum\n"
        "q1,A,2,\n"
        "q1,B,2,2.5\n"
        "\n"
        "q2,A,2,\n"
        "q2,B,3,\n"
        ",A,,\n"
        "q3,A,,1.0005\n"
        "q4,A,,\n"
        "q4,A,,\n",
        encoding="utf-8",
    )
    report = TableReport()
    reader = AlignmentReader(report)
    read_rows(file, COLUMNS, ("item", "competency"), report, reader.read)
    (item,) = reader.whole()
    assert (item.key, item.dok, item.maximum_milli, len(item.rows)) == ("q1", 2, 2_500, 2)
    refused = sorted((one.line, one.column) for one in report.refused)
    assert refused == [
        (5, "item"),
        (6, "dok"),
        (7, "item"),
        (8, "maximum"),
        (9, "item"),
        (10, "competency"),
    ]


@pytest.mark.parametrize(("text", "expected"), [("4", 4_000), ("0.5", 500), ("1000", 1_000_000)])
def test_a_setting_is_read_exactly(text: str, expected: int) -> None:
    """In thousandths."""
    assert Milli(1_000, 1_000).convert(text, None, None) == expected


@pytest.mark.parametrize("text", ["0", "-1", "1001", "0.0005", "NaN", "x", "1e400"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    """Too small, too large, too fine, or no number."""
    with pytest.raises(click.BadParameter):
        Milli(1_000, 1_000).convert(text, None, None)

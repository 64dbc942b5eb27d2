"""What `calendar` prints: no date and no heading is cut, however narrow the window is."""

from datetime import date
from io import StringIO

import pytest
from rich.console import Console
from trellis.scheduler.v1 import calendar_service_pb2 as messages

from services.scheduler.entrypoints.calendar import COLUMNS, show

MONDAY = date(2026, 12, 7)


@pytest.mark.parametrize("width", [80, 132])
def test_nothing_is_cut(width):
    """In a window of 80 columns a time stands on several lines."""
    times = messages.GetWeekTimesResponse(notes=["Not held: wed-3."])
    for step, _ in COLUMNS:
        times.steps.add(step=step, date="2026-12-03", clock="13:00")
    console = Console(width=width, record=True, file=StringIO())
    show(console, [MONDAY], [times])
    printed = console.export_text()
    assert "…" not in printed
    assert "2026-12-07" in printed
    for _, words in COLUMNS:
        assert all(word in printed for word in words.split())
    assert printed.count("12-03") == len(COLUMNS)

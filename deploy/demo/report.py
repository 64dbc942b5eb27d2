"""What a principal and a district's IT want to see after the run, on the screen and as JSON."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from trellis.roster.v1 import roster_pb2 as roster
from trellis.scheduler.v1 import week_pb2 as week

from deploy.demo.drive import Sent
from services.scheduler.entrypoints.plan import nearness
from services.scheduler.entrypoints.words import bound_words, percent

SEATS_SHOWN = 5
UNMET_SHOWN = 5
MICRO = 1_000_000


@dataclass(frozen=True, kw_only=True)
class SchoolWeek:
    """One school's published week, with a part of what is in it."""

    display_name: str
    published: week.Week
    sessions: Sequence[week.Session]
    seats: Sequence[week.Seat]
    unmet: Sequence[week.UnmetNeed]
    plan_seconds: float


@dataclass(kw_only=True)
class Figures:
    """The numbers of a run, as scripts read them from `.trellis/demo.json`."""

    accepted: int = 0
    corrected: int = 0
    repeated: int = 0
    superseded: int = 0
    refused: int = 0
    retracted: int = 0
    folded: int = 0
    folded_alignments: int = 0
    state_hash: str = ""
    week_hash: str = ""
    week_hashes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    send_seconds: float = 0.0
    last_record_to_folded_seconds: float = 0.0
    records_per_second: float = 0.0
    sessions: int = 0
    seats: int = 0
    needs: int = 0
    needs_met: int = 0
    need_weight_met_ratio: float = 0.0
    stages_seconds: dict[str, float] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the figures, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.new")
        temporary.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")
        temporary.replace(path)


def show_records(console: Console, figures: Figures, sent: Sent) -> None:
    """Print what became of the records, and of the bad ones why and what to do."""
    table = Table(title="Records", title_justify="left", box=None, pad_edge=False)
    table.add_column("what became of them")
    table.add_column("records", justify="right")
    for label, count in (
        ("accepted", figures.accepted),
        ("  of these, a newer version of an observation", figures.corrected),
        ("repeated: the same sending again, nothing changed", figures.repeated),
        ("superseded: kept, but a newer version stands", figures.superseded),
        ("refused, and kept in quarantine", figures.refused),
        ("retracted afterwards by their source", figures.retracted),
        ("pieces of evidence that count now", figures.folded),
    ):
        table.add_row(label, f"{count:,}")
    console.print(table)
    console.print(
        f"{figures.records_per_second:,.0f} records a second; the last one was folded "
        f"{figures.last_record_to_folded_seconds:.1f} s after it was answered.\n"
    )
    if sent.refused:
        _show_refusals(console, sent)


def _show_refusals(console: Console, sent: Sent) -> None:
    table = Table(title="Refused, and what to do", title_justify="left", box=None, pad_edge=False)
    for heading in ("reason", "records", "for example", "what to do"):
        table.add_column(heading, justify="right" if heading == "records" else "left")
    for reason, count in sorted(sent.refused.items()):
        example = sent.examples[f"REFUSAL_REASON_{reason}"]
        table.add_row(reason, str(count), example.message, example.hint)
    console.print(table)
    console.print()


def show_week(
    console: Console,
    school: SchoolWeek,
    learners: Mapping[str, roster.Learner],
    labels: Mapping[str, str],
) -> None:
    """Print a school's week: what a principal asks first, and a few seats with their reasons."""
    summary = school.published.summary
    table = Table(
        title=f"{school.display_name}: week of {school.published.name.rsplit('/', 1)[1]}",
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=False,
    )
    for label, value in (
        ("learners with a place in every slot", _placed(school)),
        ("sessions", f"{summary.sessions:,}  ({_kinds(school.sessions)})"),
        ("seats", f"{summary.seats:,}, and {summary.exemptions} exempt"),
        ("learners in a group", _sizes(school.sessions)),
        ("needs with enough evidence, met", f"{summary.needs_met:,} of {summary.needs:,}"),
        ("by weight of need", percent(summary.need_weight_met_micro)),
        ("checks where evidence is thin", f"{summary.checks_met:,} of {summary.checks_due:,}"),
        ("planned in", f"{school.plan_seconds:.1f} s by the clock, from asking to the draft"),
        ("the week", nearness(summary)),
        ("seats within", f"{summary.assignment_gap_micro * 100 / MICRO:.2f} % of the best "
         "for these sessions"),
    ):  # fmt: skip
        table.add_row(label, value)
    console.print(table)
    console.print()
    _show_seats(console, school, learners)
    _show_unmet(console, school, learners, labels)


def _placed(school: SchoolWeek) -> str:
    """Count who has a seat, or an exemption, in every slot."""
    summary = school.published.summary
    slots: dict[str, set[str]] = defaultdict(set)
    for seat in school.seats:
        if seat.session or seat.exemption:
            slots[seat.learner].add(seat.slot_id)
    placed = sum(len(found) == summary.slots for found in slots.values())
    return f"{placed:,} of {summary.learners:,} enrolled, in {summary.slots} slots"


def _kinds(sessions: Sequence[week.Session]) -> str:
    counts = Counter(
        week.SessionKind.Name(session.kind).removeprefix("SESSION_KIND_").lower().replace("_", " ")
        for session in sessions
    )
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())


def _sizes(sessions: Sequence[week.Session]) -> str:
    sizes = sorted(
        session.seat_count for session in sessions if session.kind == week.SESSION_KIND_SMALL_GROUP
    )
    if not sizes:
        return "no small groups"
    if sizes[0] == sizes[-1]:
        return f"{sizes[0]} in every small group"
    return f"{sizes[0]} to {sizes[-1]} in a small group, median {sizes[len(sizes) // 2]}"


def _show_seats(
    console: Console, school: SchoolWeek, learners: Mapping[str, roster.Learner]
) -> None:
    sessions = {session.name: session for session in school.sessions}
    table = Table(title="A few seats, and why", title_justify="left", box=None, pad_edge=False)
    for heading in ("learner", "time", "session", "why, for staff", "why, for the learner"):
        table.add_column(heading)
    shown: set[int] = set()
    for seat in school.seats:
        if seat.reason.rule in shown or not seat.session:
            continue
        shown.add(seat.reason.rule)
        session = sessions[seat.session]
        table.add_row(
            _name(learners, seat.learner),
            f"{session.start_clock}",
            f"{session.title} ({session.room_display_name})",
            seat.reason.staff_sentence,
            seat.reason.learner_sentence,
        )
        if len(shown) == SEATS_SHOWN:
            break
    console.print(table)
    console.print()


def _show_unmet(
    console: Console,
    school: SchoolWeek,
    learners: Mapping[str, roster.Learner],
    labels: Mapping[str, str],
) -> None:
    if not school.unmet:
        return
    table = Table(
        title="The greatest needs that wait, and what bound",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for heading in ("learner", "competency", "what bound", "why"):
        table.add_column(heading)
    for need in school.unmet[:UNMET_SHOWN]:
        label = labels.get(need.competency, need.competency)
        table.add_row(_name(learners, need.learner), label, bound_words(need.rule), need.sentence)
    console.print(table)
    console.print()


def _name(learners: Mapping[str, roster.Learner], learner: str) -> str:
    person = learners.get(learner)
    return f"{person.given_name} {person.family_name}" if person else learner

"""What there is of a week: as the page "Print and download", and for programs as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.scheduler.domain.people import Names
from services.scheduler.domain.policy import PAPERS
from services.scheduler.domain.revision import WeekView
from services.scheduler.entrypoints.outputs.family import LANGUAGES
from services.scheduler.entrypoints.outputs.files import as_json
from services.scheduler.entrypoints.outputs.printed import Press
from services.scheduler.entrypoints.outputs.registry import Group, Output
from services.scheduler.entrypoints.pages import render
from services.scheduler.entrypoints.pages.addresses import address_of
from services.scheduler.entrypoints.pages.editions import by_surname, day, natural
from services.scheduler.entrypoints.pages.render import Choice, Heading, Listed, PrintGroup
from services.scheduler.handlers.weeks import Shown, Which


@dataclass(frozen=True, kw_only=True)
class IndexPage:
    """What stands at the head of the page; `query` keeps its links on the revision."""

    which: Which
    school: str
    state: str
    query: str
    paper: str
    """What is printed on where nobody asks for another."""
    language: str
    """Of notes to families, where nobody asks for another."""


def as_document(which: Which, view: WeekView, outputs: Iterable[Output]) -> str:
    """Return what the caller may get of a week, as JSON."""
    address = address_of(which)
    return as_json(
        {
            "district": which.district,
            "school": which.school_id,
            "monday": which.monday,
            "revision": view.revision,
            "published": view.is_published,
            "week_hash": view.week_hash,
            "outputs": [
                {
                    "address": f"{address}/{one.path}",
                    "title": one.title,
                    "media_type": one.media_type,
                    "audience": one.audience,
                    "parameter": one.subject,
                    "parameter_required": one.is_one,
                }
                for one in outputs
            ],
        }
    )


def as_page(page: IndexPage, shown: Shown, names: Names, outputs: Sequence[Output]) -> str:
    """Return the page "Print and download" of what the caller may get."""
    press = Press(shown.content, names)
    heading = Heading(
        school=page.school,
        week_of=day(page.which.monday),
        state=page.state,
        address=address_of(page.which),
        revision_query=page.query,
    )
    choices = {
        "learner": _choices_of_learners(press),
        "adult": _choices_of_adults(press),
        "room": _choices_of_rooms(press),
    }
    papers = (page.paper, *(one for one in PAPERS if one != page.paper))
    languages = (page.language, *(one for one in LANGUAGES if one != page.language))
    groups = [
        PrintGroup(
            title=group.value,
            outputs=tuple(
                Listed(
                    path=one.path,
                    title=one.title,
                    parameter=one.subject,
                    required=one.is_one,
                    choices=choices.get(one.subject, ()),
                    languages=languages if one.template == "family" else (),
                    papers=papers if one.template else (),
                )
                for one in outputs
                if one.group is group
            ),
        )
        for group in Group
    ]
    revision = page.query.removeprefix("?revision=")
    return render.print_index(heading, [one for one in groups if one.outputs], revision)


def _choices_of_learners(press: Press) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=one, words=press.reader.learner(one)) for one in press.reader.by_name()
    )


def _choices_of_adults(press: Press) -> tuple[Choice, ...]:
    found = {one.adult_id: press.reader.adult(one.adult_id) for one in press.week.sessions}
    ordered = sorted(found, key=lambda one: (by_surname(found[one]), one))
    return tuple(Choice(value=one, words=found[one]) for one in ordered)


def _choices_of_rooms(press: Press) -> tuple[Choice, ...]:
    found = {one.room_id: one.room_display_name for one in press.week.sessions if one.room_id}
    ordered = sorted(found, key=lambda one: (natural(found[one]), one))
    return tuple(Choice(value=one, words=found[one]) for one in ordered)

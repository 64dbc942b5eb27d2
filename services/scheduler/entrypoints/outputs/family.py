"""Makes the notes that go home, in the family's language: words instead of numbers (H11).

The sentences are written here in each language, from what a seat is and is about: what the planner
writes is English. Titles and skills stay as the school wrote them. How a learner is doing comes
from what the week was planned with; three words, of which none is a level.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from services.scheduler.domain.model import Decision, Need
from services.scheduler.domain.week import Seat, SeatRule, Session
from services.scheduler.entrypoints.outputs.printed import Press, chosen
from services.scheduler.entrypoints.outputs.sheets import FamilyNote, FamilyPlace
from services.scheduler.entrypoints.pages.views import SlotView


class Progress(Enum):
    """How a learner is doing with a skill, in the words of a note."""

    ON_PACE = "on_pace"
    ON_THE_WAY = "on_the_way"
    FINDING_OUT = "finding_out"


_PROGRESS: Final = {
    Decision.INSUFFICIENT: Progress.FINDING_OUT,
    Decision.NOT_YET: Progress.ON_THE_WAY,
    Decision.APPROACHING: Progress.ON_THE_WAY,
    Decision.PROFICIENT: Progress.ON_PACE,
    Decision.EXEMPLARY: Progress.ON_PACE,
}


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of a note. `why` by the rule of a seat: {skill} and {title} are filled in."""

    code: str
    title: str
    greeting: str
    intro: str
    on_day: str
    in_week: str
    columns: tuple[str, ...]
    elsewhere: str
    room_unknown: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    why: Mapping[SeatRule, str]
    progress: Mapping[Progress, str]
    closing: str
    week_line: str


ENGLISH: Final = Language(
    code="en",
    title="A note for the family",
    greeting="Dear family of {name},",
    intro="This is where your child will be {when}, with whom, and why.",
    on_day="on {day}",
    in_week="in the week of {day}",
    columns=("When", "What", "Where and with whom", "Why", "How it is going"),
    elsewhere="Somewhere else, as agreed",
    room_unknown="No room",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
    date="{day}, {month} {number}",
    why={
        SeatRule.SERVICE_PIN: "The school has set this place.",
        SeatRule.SERVICE: "The school has set this place.",
        SeatRule.PIN: "An adult at the school chose this place.",
        SeatRule.NEED: "To work on {skill} next, with an adult.",
        SeatRule.CHECK: "To show what your child can do with {skill}.",
        SeatRule.REASSESSMENT: "To show {skill} again, as your child asked.",
        SeatRule.CHOICE: "Your child chose this.",
        SeatRule.ENRICHMENT: "Time for something of interest; it is for everybody.",
        SeatRule.COMMONS: "Open time, with an adult to ask.",
        SeatRule.EXEMPT: "",
    },
    progress={
        Progress.ON_PACE: "On pace",
        Progress.ON_THE_WAY: "On the way",
        Progress.FINDING_OUT: "We are still finding out",
    },
    closing=(
        "Questions, or would you like something else for your child? Call the school or write a"
        " word on this note and send it back."
    ),
    week_line="Week of {week}",
)

SPANISH: Final = Language(
    code="es",
    title="Una nota para la familia",
    greeting="Estimada familia de {name}:",
    intro="Aquí estará su hijo o hija {when}, con quién y por qué.",
    on_day="el {day}",
    in_week="en la semana del {day}",
    columns=("Cuándo", "Qué", "Dónde y con quién", "Por qué", "Cómo va"),
    elsewhere="En otro lugar, según lo acordado",
    room_unknown="Sin salón",
    days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
        *("septiembre", "octubre", "noviembre", "diciembre"),
    ),
    date="{day}, {number} de {month}",
    why={
        SeatRule.SERVICE_PIN: "La escuela ha fijado este lugar.",
        SeatRule.SERVICE: "La escuela ha fijado este lugar.",
        SeatRule.PIN: "Un adulto de la escuela eligió este lugar.",
        SeatRule.NEED: "Para trabajar ahora en {skill}, con un adulto.",
        SeatRule.CHECK: "Para mostrar lo que sabe hacer: {skill}.",
        SeatRule.REASSESSMENT: "Para mostrar de nuevo {skill}, como lo pidió.",
        SeatRule.CHOICE: "Lo eligió su hijo o hija.",
        SeatRule.ENRICHMENT: "Tiempo para algo de su interés; es para todos.",
        SeatRule.COMMONS: "Tiempo libre, con un adulto a quien preguntar.",
        SeatRule.EXEMPT: "",
    },
    progress={
        Progress.ON_PACE: "Va a buen ritmo",
        Progress.ON_THE_WAY: "Va en camino",
        Progress.FINDING_OUT: "Todavía lo estamos viendo",
    },
    closing=(
        "¿Preguntas, o desea otra cosa para su hijo o hija? Llame a la escuela o escríbalo en esta"
        " nota y devuélvala."
    ),
    week_line="Semana del {week}",
)

LANGUAGES: Final = {one.code: one for one in (ENGLISH, SPANISH)}
"""By the code of BCP 47. Another language is another value here."""


def progress_of(need: Need) -> Progress:
    """Return how a learner is doing, in words of which none is a level."""
    return _PROGRESS[need.decision]


def date_in(value: date, language: Language) -> str:
    """Return a date as "Monday, November 23" or "lunes, 23 de noviembre"."""
    return language.date.format(
        day=language.days[value.weekday()],
        month=language.months[value.month - 1],
        number=value.day,
    )


def family_notes(
    press: Press, language: Language, learner_ids: Collection[str] | None = None
) -> tuple[FamilyNote, ...]:
    """Return a note for each learner (None: all), by name."""
    return tuple(
        FamilyNote(
            name=press.spoken(learner_id),
            places=tuple(
                _place(press, language, *place) for place in press.reader.places(learner_id)
            ),
        )
        for learner_id in chosen(press, learner_ids)
    )


def words_in(press: Press, language: Language) -> dict[str, object]:
    """Return the fixed words of a week's notes, as the template takes them."""
    days = sorted(set(press.dates.values()))
    pattern = language.on_day if len(days) == 1 else language.in_week
    day = date_in(days[0] if len(days) == 1 else press.week.monday, language)
    return {
        "title": language.title,
        "greeting": language.greeting,
        "intro": language.intro.format(when=pattern.format(day=day)),
        "columns": language.columns,
        "closing": language.closing,
    }


def _place(
    press: Press, language: Language, slot: SlotView, seat: Seat, session: Session | None
) -> FamilyPlace:
    skill = press.skill(seat.competency_id)
    rule = seat.rule if skill or "{skill}" not in language.why[seat.rule] else SeatRule.PIN
    need = press.needs.get((seat.learner_id, seat.competency_id or ""))
    clocks = f"{slot.start}–{slot.end}"
    day = date_in(press.dates[slot.slot_id], language)
    when = f"{day}, {clocks}" if len(set(press.dates.values())) > 1 else clocks
    if session is None:
        return FamilyPlace(
            when=when, title=language.elsewhere, room="", adult="", skill="", why="", progress=""
        )
    return FamilyPlace(
        when=when,
        title=session.title,
        room=session.room_display_name or language.room_unknown,
        adult=press.reader.adult(session.adult_id),
        skill=skill,
        why=language.why[rule].format(skill=f"“{skill}”", title=session.title),
        progress=language.progress[progress_of(need)] if need and skill else "",
    )

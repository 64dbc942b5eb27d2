"""Makes the notes that go home, in the family's language: words instead of numbers (H11).

The sentences are written here in each language, from what a seat is and is about: what the planner
writes is English. Titles and skills stay as the school wrote them. How a learner is doing comes
from what the week was planned with; three words, of which none is a level. How the week before
went comes from its attendance and quick checks.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from services.scheduler.domain.day.went import Came
from services.scheduler.domain.explain.sentences import clock
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
    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    why: Mapping[SeatRule, str]
    asked: str
    progress: Mapping[Progress, str]
    office: str
    went: str
    came: Mapping[Came, str]
    showed: str
    closing: str
    change: str
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
    asked="{adult} asked for your child.",
    progress={
        Progress.ON_PACE: "On pace",
        Progress.ON_THE_WAY: "On the way",
        Progress.FINDING_OUT: "We are still finding out",
    },
    office="The office will say where",
    went="How it went in the week of {day}",
    came={
        Came.ALL: "Your child was in every session.",
        Came.MOST: "Your child was in most sessions.",
        Came.SOME: "Your child was in some sessions, and missed others.",
        Came.NONE: "Your child was in no session.",
    },
    showed="{skill}: {progress}.",
    closing=(
        "Questions, or would you like something else for your child? Call the school or write a"
        " word on this note and send it back."
    ),
    change="A change can be asked for until {day}, {clock}.",
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
    asked="{adult} pidió trabajar con su hijo o hija.",
    progress={
        Progress.ON_PACE: "Va a buen ritmo",
        Progress.ON_THE_WAY: "Va en camino",
        Progress.FINDING_OUT: "Todavía lo estamos viendo",
    },
    office="La oficina dirá dónde",
    went="Cómo fue la semana del {day}",
    came={
        Came.ALL: "Su hijo o hija asistió a todas las sesiones.",
        Came.MOST: "Su hijo o hija asistió a la mayoría de las sesiones.",
        Came.SOME: "Su hijo o hija asistió a algunas sesiones y faltó a otras.",
        Came.NONE: "Su hijo o hija no asistió a ninguna sesión.",
    },
    showed="{skill}: {progress}.",
    closing=(
        "¿Preguntas, o desea otra cosa para su hijo o hija? Llame a la escuela o escríbalo en esta"
        " nota y devuélvala."
    ),
    change="Se puede pedir un cambio hasta el {day}, a las {clock}.",
    week_line="Semana del {week}",
)

LANGUAGES: Final = {one.code: one for one in (ENGLISH, SPANISH)}
"""By the code of BCP 47. Another language is another value here, and of `FAMILY_LANGUAGES`."""


def progress_of(need: Need) -> Progress:
    """Return how a learner is doing, in words of which none is a level."""
    return _PROGRESS[need.decision]


def shown_progress(on_pace: bool) -> Progress:
    """Return how a learner is doing by what they showed in a quick check."""
    return Progress.ON_PACE if on_pace else Progress.ON_THE_WAY


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
    last = press.meanwhile.last_monday
    title = language.went.format(day=date_in(last, language)) if last else ""
    return tuple(
        FamilyNote(
            name=press.spoken(learner_id),
            places=tuple(
                _place(press, language, *place) for place in press.reader.places(learner_id)
            ),
            went_title=title,
            went=_went(press, language, learner_id),
        )
        for learner_id in chosen(press, learner_ids)
    )


def _went(press: Press, language: Language, learner_id: str) -> tuple[str, ...]:
    """Return sentences on the week before; none where nothing was noted."""
    went = press.meanwhile.went.get(learner_id)
    if went is None:
        return ()
    came = (language.came[went.came],) if went.came is not None else ()
    shown = (
        language.showed.format(
            skill=skill[:1].upper() + skill[1:],
            progress=_small(language.progress[shown_progress(on_pace)]),
        )
        for competency_id, on_pace in went.on_pace
        if (skill := press.skill(competency_id))
    )
    return (*came, *dict.fromkeys(shown))


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


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
        "change": _change(press, language),
    }


def _change(press: Press, language: Language) -> str:
    until = press.meanwhile.change_until
    if until is None:
        return ""
    day = date_in(until.date(), language)
    return language.change.format(day=day, clock=clock(until.time()))


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
    asker = press.askers.get((seat.learner_id, seat.slot_id))
    why = (
        language.asked.format(adult=press.reader.adult(asker))
        if asker
        else language.why[rule].format(skill=f"“{skill}”", title=session.title)
    )
    gone = press.reader.is_unstaffed(session)
    return FamilyPlace(
        when=when,
        title=session.title,
        room=language.office if gone else session.room_display_name,
        adult="" if gone else press.reader.adult(session.adult_id),
        skill=skill,
        why=why,
        progress=language.progress[progress_of(need)] if need and skill else "",
    )

"""A district's mastery policy as a document, and back: what people write down and what is stored.

A document is a mapping as JSON has it:

    {"current_rule": {"name": "decaying_average", "parameter": 75},
     "proficient_gate": {"share": 0.7, "at_least": 0.8},
     "minimum_days": 2}

What is absent has its default, a name that is not known is refused, and every number has bounds. It
must not guess: what cannot be read is refused with the field, why, and what to do, all of it at
once. Reading is all that it does; nothing but `PolicyDocumentError` is raised, whatever comes.

Shares and chances are numbers from 0 to 1 with at most six decimals, levels thousandths, a wait is
whole hours, `intercept` is in logits.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from typing import Any, Final

from services.mastery.domain.errors import PolicyDocumentError, PolicyProblem
from services.mastery.domain.mastery import check_policy
from services.mastery.domain.model import (
    LEVEL_MAXIMUM_MILLI,
    LEVEL_MINIMUM_MILLI,
    WINDOW_SIZE,
    Gate,
    Policy,
    RuleChoice,
    Share,
)
from services.mastery.domain.rules import (
    RULES,
    CreditOnlyRuleError,
    RuleParameterError,
    UnknownRuleError,
)

Document = Mapping[str, Any]

COUNT_MAXIMUM: Final = 100
WAIT_MAXIMUM_HOURS: Final = 2_400
"""A hundred days."""
INTERCEPT_MAXIMUM: Final = 5.0
"""Logits. What districts were fitted to lies within 1.2 of 0; more than 5 is a slip of the pen."""
SLOPE_MINIMUM: Final = 0.01
SLOPE_MAXIMUM: Final = 3.0
COMPETENCIES_MAXIMUM: Final = 500
VERSION_MAXIMUM: Final = 1_000

MICROSECONDS_AN_HOUR: Final = 3_600_000_000
SHOWN_CHARACTERS: Final = 60
FIELDS_MAXIMUM: Final = 100
"""More names than this are not looked at one by one: no policy has them."""

_MILLION: Final = 1_000_000
_MILLI: Final = 1_000
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

_LEVELS: Final = (LEVEL_MINIMUM_MILLI, LEVEL_MAXIMUM_MILLI)
_SHARES: Final = {share / _MILLI: share for share in Share}


class _UnreadableError(Exception):
    """A field cannot be read; what was wrong is with the problems."""


class _Reading:
    """Collects what is wrong, so that a person hears of all of it at once."""

    def __init__(self) -> None:
        self.problems: list[PolicyProblem] = []

    def refuse(self, field: str, why: str, hint: str) -> _UnreadableError:
        """Note a problem and return what to raise."""
        self.problems.append(PolicyProblem(field=field, why=why, hint=hint))
        return _UnreadableError(field)

    def mapping(self, field: str, value: Any, names: Sequence[str]) -> Document:  # noqa: ANN401
        """Return a mapping with names that are known; the others are problems."""
        if not isinstance(value, Mapping):
            raise self.refuse(
                field or "document",
                f"is {_shown(value)}, not a mapping of names to values.",
                f"It may have: {', '.join(names)}.",
            )
        for name in list(value)[:FIELDS_MAXIMUM]:
            if name not in names:
                self._unknown(f"{field}.{_key(name)}" if field else _key(name), name, names)
        if len(value) > FIELDS_MAXIMUM:
            raise self.refuse(field or "document", f"has {len(value)} names.", "Send a policy.")
        return value

    def whole(self, field: str, value: Any, bounds: tuple[int, int]) -> int:  # noqa: ANN401
        """Return a whole number within its bounds."""
        least, most = bounds
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(
                field, f"is {_shown(value)}, not a whole number.", f"Send {least} to {most}."
            )
        if not least <= value <= most:
            raise self.refuse(
                field, f"is {_shown(value)}, out of its bounds.", f"Send {least} to {most}."
            )
        return value

    def number(self, field: str, value: Any, bounds: tuple[float, float]) -> float:  # noqa: ANN401
        """Return a number within its bounds."""
        least, most = bounds
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(
                field, f"is {_shown(value)}, not a number.", f"Send {least:g} to {most:g}."
            )
        # A whole number may be larger than any float, so it is compared before it becomes one.
        if not least <= value <= most:
            raise self.refuse(
                field, f"is {_shown(value)}, out of its bounds.", f"Send {least:g} to {most:g}."
            )
        return float(value)

    def chance_micro(self, field: str, value: Any) -> int:  # noqa: ANN401
        """Return a chance from 0 to 1 in millionths, exactly."""
        micro = Decimal(repr(self.number(field, value, (0.0, 1.0)))) * _MILLION
        if micro != int(micro):
            raise self.refuse(
                field, f"is {_shown(value)}, finer than a millionth.", "Send at most six decimals."
            )
        return int(micro)

    def switch(self, field: str, value: Any) -> bool:  # noqa: ANN401
        """Return true or false."""
        if not isinstance(value, bool):
            raise self.refuse(field, f"is {_shown(value)}.", "Send true or false.")
        return value

    def _unknown(self, field: str, name: object, names: Sequence[str]) -> None:
        self.refuse(field, "is not known.", _nearest(str(name)[:SHOWN_CHARACTERS], names))


def _nearest(name: str, names: Sequence[str]) -> str:
    """Return a hint: the name that may have been meant, else all that there are."""
    near = get_close_matches(name, names, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(names)}."


@dataclass(frozen=True, kw_only=True)
class _Form:
    """How one field is read from a document, and written into one."""

    read: Callable[[_Reading, str, Any], Any]
    write: Callable[[Any], Any]
    document_name: str = ""
    """Where the document says it by another name, in another unit."""


def _read_rule(reading: _Reading, field: str, value: Any) -> RuleChoice:  # noqa: ANN401
    found = reading.mapping(field, value, ("name", "version", "parameter"))
    names = sorted({name for name, _ in RULES})
    name = found.get("name")
    if not isinstance(name, str) or name not in names:
        raise reading.refuse(
            f"{field}.name",
            "is missing." if name is None else f"is {_shown(name)}, which is no rule.",
            _nearest(name if isinstance(name, str) else "", names),
        )
    version = reading.whole(f"{field}.version", found.get("version", 1), (1, VERSION_MAXIMUM))
    rule = RULES.get((name, version))
    if rule is None:
        known = ", ".join(str(one) for of, one in sorted(RULES) if of == name)
        raise reading.refuse(
            f"{field}.version", f"is {version}, which {name} does not have.", f"It has: {known}."
        )
    least, most = rule.parameter_minimum, rule.parameter_maximum
    if least > 0 and "parameter" not in found:
        raise reading.refuse(
            f"{field}.parameter", f"is missing: {name} has one.", f"Send {least} to {most}."
        )
    parameter = reading.whole(f"{field}.parameter", found.get("parameter", 0), (least, most))
    return RuleChoice(name=name, version=version, parameter=parameter)


def _read_current_rule(reading: _Reading, field: str, value: Any) -> RuleChoice:  # noqa: ANN401
    """Return the rule for the current level, which must be one that can fall."""
    choice = _read_rule(reading, field, value)
    if RULES[choice.name, choice.version].credit_only:
        others = sorted({name for (name, _), rule in RULES.items() if not rule.credit_only})
        raise reading.refuse(
            f"{field}.name",
            f'is "{choice.name}", which does not fall below level 3 again: whoever forgets would'
            " get no help.",
            f"Choose it for credit_rule; here there are: {', '.join(others)}.",
        )
    return choice


def _write_rule(choice: RuleChoice) -> Document:
    return {"name": choice.name, "version": choice.version, "parameter": choice.parameter}


def _read_gate(reading: _Reading, field: str, value: Any) -> Gate:  # noqa: ANN401
    found = reading.mapping(field, value, ("share", "at_least"))
    for name in ("share", "at_least"):
        if name not in found:
            raise reading.refuse(
                f"{field}.{name}",
                "is missing.",
                "A gate has both: share, of typical tasks done right, and at_least, the chance.",
            )
    share = _SHARES.get(reading.number(f"{field}.share", found["share"], (0.0, 1.0)))
    if share is None:
        shares = ", ".join(f"{one:g}" for one in sorted(_SHARES))
        raise reading.refuse(
            f"{field}.share", f"is {_shown(found['share'])}.", f"An estimate has {shares}."
        )
    return Gate(
        share=share, at_least_micro=reading.chance_micro(f"{field}.at_least", found["at_least"])
    )


def _write_gate(gate: Gate) -> Document:
    return {"share": gate.share / _MILLI, "at_least": gate.at_least_micro / _MILLION}


def _read_competencies(reading: _Reading, field: str, value: Any) -> frozenset[str] | None:  # noqa: ANN401
    """Return ids of competencies, None for all of them."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise reading.refuse(
            field,
            f"is {_shown(value)}.",
            "Send a list of ids of competencies; null for all of them.",
        )
    if len(value) > COMPETENCIES_MAXIMUM:
        raise reading.refuse(
            field, f"has {len(value)} competencies.", f"Send at most {COMPETENCIES_MAXIMUM}."
        )
    for place, one in enumerate(value):
        if not isinstance(one, str) or not _ID.fullmatch(one):
            raise reading.refuse(
                f"{field}[{place}]",
                f"is {_shown(one)}, no id of a competency.",
                "An id has 1 to 64 characters of A-Z a-z 0-9 . _ -",
            )
    return frozenset(value)


def _write_competencies(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _whole(least: int, most: int) -> _Form:
    return _Form(
        read=lambda reading, field, value: reading.whole(field, value, (least, most)),
        write=lambda value: value,
    )


def _number(least: float, most: float) -> _Form:
    return _Form(
        read=lambda reading, field, value: reading.number(field, value, (least, most)),
        write=lambda value: value,
    )


_GATE: Final = _Form(read=_read_gate, write=_write_gate)

_FORMS: Final[Mapping[str, _Form]] = {
    "credit_rule": _Form(read=_read_rule, write=_write_rule),
    "current_rule": _Form(read=_read_current_rule, write=_write_rule),
    "minimum_evidence": _whole(0, COUNT_MAXIMUM),
    # Items are counted within the window: more could never be met.
    "minimum_items": _whole(0, WINDOW_SIZE),
    "minimum_days": _whole(0, COUNT_MAXIMUM),
    "exemplary_gate": _GATE,
    "exemplary_level_milli": _whole(*_LEVELS),
    "exemplary_evidence": _whole(0, COUNT_MAXIMUM),
    "exemplary_deep": _whole(0, COUNT_MAXIMUM),
    "proficient_gate": _GATE,
    "proficient_level_milli": _whole(*_LEVELS),
    "approaching_gate": _GATE,
    "keep_exemplary_gate": _GATE,
    "keep_exemplary_level_milli": _whole(*_LEVELS),
    "keep_proficient_gate": _GATE,
    "keep_proficient_level_milli": _whole(*_LEVELS),
    "reteach_below_half_micro": _Form(
        read=_Reading.chance_micro,
        write=lambda micro: micro / _MILLION,
        document_name="reteach_below_half",
    ),
    # Without evidence nothing is known, so nothing is to be taught again.
    "reteach_evidence": _whole(1, COUNT_MAXIMUM),
    "reassess_gate": _GATE,
    "reassess_wait_us": _Form(
        read=lambda reading, field, value: (
            reading.whole(field, value, (0, WAIT_MAXIMUM_HOURS)) * MICROSECONDS_AN_HOUR
        ),
        write=lambda wait_us: wait_us // MICROSECONDS_AN_HOUR,
        document_name="reassess_wait_hours",
    ),
    "refresh_gate": _GATE,
    "fluency_competencies": _Form(read=_read_competencies, write=_write_competencies),
    "learner_wide": _Form(read=_Reading.switch, write=lambda value: value),
    "intercept": _number(-INTERCEPT_MAXIMUM, INTERCEPT_MAXIMUM),
    "slope": _number(SLOPE_MINIMUM, SLOPE_MAXIMUM),
}
"""By the name of the policy's field, in the order in which a document is written."""

# A field of the policy without a form would be one that no district can choose.
assert set(_FORMS) == {one.name for one in fields(Policy)}

_BY_NAME: Final = {form.document_name or name: (name, form) for name, form in _FORMS.items()}

FIELDS: Final = tuple(_BY_NAME)
"""The names that a document may have."""


def read_document(document: object) -> Policy:
    """Return the policy of a document; what is absent has its default.

    Raises PolicyDocumentError with every problem that was found.
    """
    reading = _Reading()
    values: dict[str, Any] = {}
    try:
        found = reading.mapping("", document, FIELDS)
    except _UnreadableError:
        raise PolicyDocumentError(reading.problems) from None
    for document_name, (name, form) in _BY_NAME.items():
        if document_name in found:
            try:
                values[name] = form.read(reading, document_name, found[document_name])
            except _UnreadableError:
                continue
    if reading.problems:
        raise PolicyDocumentError(reading.problems)
    return _checked(Policy(**values))


def write_document(policy: Policy) -> dict[str, Any]:
    """Return the document of a policy: every field, so that no later default changes it.

    `read_document` gives the same policy back, for every policy that it can give.
    """
    return {
        document_name: form.write(getattr(policy, name))
        for document_name, (name, form) in _BY_NAME.items()
    }


def changed_fields(before: Policy, after: Policy) -> list[tuple[str, Any, Any]]:
    """Return (name, value before, value after), as documents have them, of what differs."""
    old, new = write_document(before), write_document(after)
    return [(name, old[name], new[name]) for name in FIELDS if old[name] != new[name]]


def _checked(policy: Policy) -> Policy:
    """Return the policy after the check that every policy must pass, whatever it came from."""
    try:
        check_policy(policy)
    except (UnknownRuleError, RuleParameterError, CreditOnlyRuleError) as error:
        problem = PolicyProblem(
            field="credit_rule, current_rule",
            why=f"cannot be used: {error}.",
            hint="Choose others.",
        )
        raise PolicyDocumentError([problem]) from error
    return policy


def _shown(value: object) -> str:
    """Return a value as a message may repeat it: short, and in printable characters."""
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
        return ascii(cut) if not cut.isprintable() else f'"{cut}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _shown_number(value)
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _shown_number(value: float) -> str:
    if isinstance(value, float) and not isfinite(value):
        return "no finite number"
    # Python refuses to write whole numbers of thousands of digits.
    return f"{value}" if abs(value) < 10**SHOWN_CHARACTERS else "a very large number"


def _key(name: object) -> str:
    return _shown(name).strip('"') or '""'

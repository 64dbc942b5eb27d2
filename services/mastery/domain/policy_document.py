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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from services.mastery.domain.errors import PolicyDocumentError, PolicyProblem
from services.mastery.domain.mastery import check_policy
from services.mastery.domain.model import (
    WINDOW_SIZE,
    Gate,
    Policy,
    RuleChoice,
    Share,
)
from services.mastery.domain.policy_fields.levels import (
    LEVELS,
    read_level_names,
    read_scale,
    write_scale,
    write_steps,
)
from services.mastery.domain.policy_fields.reading import (
    MILLION,
    Reading,
    UnreadableFieldError,
    nearest,
    shown,
)
from services.mastery.domain.policy_fields.roll_ups import read_roll_ups, write_roll_ups
from services.mastery.domain.rules import (
    RULES,
    CreditOnlyRuleError,
    RuleParameterError,
    UnknownRuleError,
)

Document = Mapping[str, Any]

DOCUMENT_BYTES: Final = 64 * 1024
"""Of a document as JSON: fifty of them fit into one answer."""
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
_MILLI: Final = 1_000

_SHARES: Final = {share / _MILLI: share for share in Share}


@dataclass(frozen=True, kw_only=True)
class _Form:
    """How one field is read from a document, and written into one."""

    read: Callable[[Reading, str, Any], Any]
    write: Callable[[Any], Any]
    document_name: str = ""
    """Where the document says it by another name, in another unit."""


def _read_rule(reading: Reading, field: str, value: Any) -> RuleChoice:  # noqa: ANN401
    found = reading.mapping(field, value, ("name", "version", "parameter"))
    names = sorted({name for name, _ in RULES})
    name = found.get("name")
    if not isinstance(name, str) or name not in names:
        raise reading.refuse(
            f"{field}.name",
            "is missing." if name is None else f"is {shown(name)}, which is no rule.",
            nearest(name if isinstance(name, str) else "", names),
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


def _read_current_rule(reading: Reading, field: str, value: Any) -> RuleChoice:  # noqa: ANN401
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


def _read_gate(reading: Reading, field: str, value: Any) -> Gate:  # noqa: ANN401
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
            f"{field}.share", f"is {shown(found['share'])}.", f"An estimate has {shares}."
        )
    return Gate(
        share=share, at_least_micro=reading.chance_micro(f"{field}.at_least", found["at_least"])
    )


def _write_gate(gate: Gate) -> Document:
    return {"share": gate.share / _MILLI, "at_least": gate.at_least_micro / MILLION}


def _read_competencies(reading: Reading, field: str, value: Any) -> frozenset[str] | None:  # noqa: ANN401
    """Return ids of competencies, None for all of them."""
    if value is None:
        return None
    return frozenset(reading.competencies(field, value, COMPETENCIES_MAXIMUM))


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
    "exemplary_level_milli": _whole(*LEVELS),
    "exemplary_evidence": _whole(0, COUNT_MAXIMUM),
    "exemplary_deep": _whole(0, COUNT_MAXIMUM),
    "proficient_gate": _GATE,
    "proficient_level_milli": _whole(*LEVELS),
    "approaching_gate": _GATE,
    "keep_exemplary_gate": _GATE,
    "keep_exemplary_level_milli": _whole(*LEVELS),
    "keep_proficient_gate": _GATE,
    "keep_proficient_level_milli": _whole(*LEVELS),
    "reteach_below_half_micro": _Form(
        read=Reading.chance_micro,
        write=lambda micro: micro / MILLION,
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
    "learner_wide": _Form(read=Reading.switch, write=lambda value: value),
    "intercept": _number(-INTERCEPT_MAXIMUM, INTERCEPT_MAXIMUM),
    "slope": _number(SLOPE_MINIMUM, SLOPE_MAXIMUM),
    "level_names": _Form(read=read_level_names, write=write_steps),
    "display_scale": _Form(read=read_scale, write=write_scale),
    "roll_ups": _Form(read=read_roll_ups, write=write_roll_ups),
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
    reading = Reading()
    values: dict[str, Any] = {}
    try:
        found = reading.mapping("", document, FIELDS)
    except UnreadableFieldError:
        raise PolicyDocumentError(reading.problems) from None
    for document_name, (name, form) in _BY_NAME.items():
        if document_name in found:
            try:
                values[name] = form.read(reading, document_name, found[document_name])
            except UnreadableFieldError:
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

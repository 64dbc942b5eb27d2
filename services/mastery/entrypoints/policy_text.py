"""What the commands `policy` print: tables of a policy, of what differs, of the versions.

It must not decide what is shown, nor ask anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from rich import box
from rich.table import Table
from trellis.mastery.v1 import policy_service_pb2

from services.mastery.domain.model import DEFAULT_POLICY, Policy
from services.mastery.domain.policy_document import changed_fields, write_document

PolicyMessage = policy_service_pb2.Policy

MILLI: Final = 1_000

_UNITS: Final = {
    "minimum_evidence": "pieces",
    "minimum_items": "items",
    "minimum_days": "days",
    "exemplary_evidence": "pieces",
    "exemplary_deep": "pieces",
    "reteach_evidence": "pieces",
    "reassess_wait_hours": "hours",
    "intercept": "logits",
}


def words(name: str, value: Any) -> str:  # noqa: ANN401  (a value of a document)
    """Return a field's value as people read it."""
    for ending, say in _SAID:
        if name.endswith(ending):
            return say(value)
    unit = _UNITS.get(name, "")
    return f"{value:g} {unit.removesuffix('s') if value == 1 else unit}".strip()


def _rule_words(rule: Mapping[str, Any]) -> str:
    parameter = f" {rule['parameter']}" if rule["parameter"] else ""
    return f"{rule['name']}{parameter} (version {rule['version']})"


def _competencies_words(names: Sequence[str] | None) -> str:
    return "all" if names is None else ", ".join(names) or "none"


def _steps_words(steps: Sequence[Mapping[str, Any]]) -> str:
    said = [f"{one['name']} from {one['from_level_milli'] / MILLI:g}" for one in steps]
    return ", ".join(said) or "none"


def _scale_words(scale: Mapping[str, Any]) -> str:
    if "steps" in scale:
        return _steps_words(scale["steps"])
    decimals = scale["decimals"]
    places = f", {decimals} decimal{'' if decimals == 1 else 's'}" if decimals else ""
    return f"{scale['lowest']} to {scale['highest']}{places}"


def _roll_ups_words(roll_ups: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a line for each broad competency."""
    return "\n".join(f"{name}: {_roll_up_words(one)}" for name, one in roll_ups.items()) or "none"


def _roll_up_words(rule: Mapping[str, Any]) -> str:
    if "all" in rule:
        return f"all of {', '.join(rule['all'])}"
    parts = ", ".join(
        f"{name} {points}{' (required)' if name in rule['required'] else ''}"
        for name, points in rule["parts"].items()
    )
    return f"{rule['points']} points of {parts}"


_SAID: Final[Sequence[tuple[str, Callable[[Any], str]]]] = (
    ("_rule", _rule_words),
    ("_gate", lambda gate: f"P(p ≥ {gate['share']:g}) ≥ {gate['at_least']:g}"),
    ("_level_milli", lambda milli: f"{milli} ({milli / MILLI:g})"),
    ("reteach_below_half", lambda chance: f"P(p < 0.5) ≥ {chance:g}"),
    ("fluency_competencies", _competencies_words),
    ("level_names", _steps_words),
    ("display_scale", _scale_words),
    ("roll_ups", _roll_ups_words),
    ("learner_wide", lambda yes: "yes" if yes else "no: own evidence only"),
)
"""By how the name of a field ends."""


def policy_table(policy: Policy) -> Table:
    """Return every field of a policy, and the default where it is another."""
    defaults = {name: before for name, before, _ in changed_fields(DEFAULT_POLICY, policy)}
    table = _table("field", "value", "default, where it differs")
    for name, value in write_document(policy).items():
        default = words(name, defaults[name]) if name in defaults else ""
        table.add_row(name, words(name, value), default, style="bold" if default else None)
    return table


def difference_table(before: Policy, after: Policy) -> Table:
    """Return the fields in which two policies differ, with both values."""
    table = _table("field", "in force then", "would be")
    for name, old, new in _differences(before, after):
        table.add_row(name, old, new)
    return table


def history_table(versions: Sequence[PolicyMessage], now: datetime) -> Table:
    """Return a row for each version, the newest first, and what has become of it by now."""
    table = _table("version", "takes effect, UTC", "state", "put, UTC", "by", "note")
    for one, state in zip(versions, states_of(versions, now), strict=True):
        table.add_row(
            str(one.version),
            minute(one.effective_time),
            state,
            minute(one.create_time),
            one.actor,
            one.note,
            style="bold" if state == "in force" else None,
        )
    return table


def states_of(versions: Sequence[PolicyMessage], now: datetime) -> list[str]:
    """Return of each version, the newest first, what has become of it by now."""
    states: list[str] = []
    newer: list[datetime] = []
    for one in versions:
        effective = at(one.effective_time)
        # A newer version that takes effect no later leaves it no moment.
        until = min(newer, default=None)
        if until is not None and until <= effective:
            states.append("gave way")
        elif effective > now:
            states.append("waits")
        elif until is not None and until <= now:
            states.append(f"until {until:%Y-%m-%d %H:%M}")
        else:
            states.append("in force")
        newer.append(effective)
    return states


def heading(one: PolicyMessage, now: datetime) -> str:
    """Return which version this is, since when or from when, and who put it."""
    if not one.version:
        return "The default policy (version 0)."
    effective = at(one.effective_time)
    when = "takes effect" if effective > now else "took effect"
    note = f" Note: {one.note}" if one.note else ""
    by = f", put by {one.actor} at {minute(one.create_time)}" if one.HasField("create_time") else ""
    return f"Version {one.version}: {when} at {effective:%Y-%m-%d %H:%M} UTC{by}.{note}"


def plain(one: PolicyMessage) -> Mapping[str, Any]:
    """Return a version as JSON has it; times in UTC as ISO 8601."""
    return {
        "name": one.name,
        "version": one.version,
        "effective_time": _iso(one, "effective_time"),
        "note": one.note,
        "actor": one.actor,
        "create_time": _iso(one, "create_time"),
        "document": json.loads(one.document),
    }


def as_json(value: object) -> str:
    """Return JSON for people and machines."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def at(time: Timestamp) -> datetime:
    """Return a time of a message."""
    return time.ToDatetime(UTC)


def minute(time: Timestamp) -> str:
    """Return a time in UTC to the minute, short enough for a column."""
    return f"{at(time):%Y-%m-%d %H:%M}"


def _iso(one: PolicyMessage, field: str) -> str | None:
    if not one.HasField(field):
        return None
    return at(getattr(one, field)).isoformat().replace("+00:00", "Z")


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, one in enumerate(headings):
        table.add_column(one, overflow="fold", no_wrap=place == 0)
    return table


def _differences(before: Policy, after: Policy) -> Iterator[tuple[str, str, str]]:
    """Yield name, words before and words after of what differs; a row for each broad competency."""
    for name, old, new in changed_fields(before, after):
        if name != "roll_ups":
            yield name, words(name, old), words(name, new)
            continue
        for broad in sorted({*old, *new}):
            was, is_now = (
                _roll_up_words(rules[broad]) if broad in rules else "none" for rules in (old, new)
            )
            if was != is_now:
                yield f"{name}.{broad}", was, is_now

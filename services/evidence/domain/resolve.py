"""Whom and what a record means: its learner and its competencies, by name, by reference, by item.

Pure: everything known comes with the call. What is not known yet is refused with what it waits for.
"""

from collections.abc import Sequence

from services.evidence.domain.aliases import holder_at
from services.evidence.domain.known import Known, KnownLearner, competency_prefix, learner_prefix
from services.evidence.domain.model import WEIGHT_SUM_MILLI, Record, RefusalReason
from services.evidence.domain.references import (
    MAX_REFERENCE_LENGTH,
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
)
from services.evidence.domain.refusals import RefusedError, day, malformed, shown
from services.evidence.domain.scoring import share_weights
from services.evidence.domain.texts import IDENTIFIER, UNKEEPABLE
from services.evidence.domain.waiting import for_competency, for_item, for_learner

MAX_ALIGNMENTS = 8


def can_be_looked_up(*texts: str) -> bool:
    """Whether a store can be asked for these: what cannot be kept is nowhere."""
    return not any(len(text) > MAX_REFERENCE_LENGTH or UNKEEPABLE.search(text) for text in texts)


def resolve_learner(record: Record, occur_time_micros: int, known: Known) -> KnownLearner:
    """Return for whom a record counts."""
    if record.learner_reference is None:
        return _named_learner(record.learner, known)
    if record.learner:
        raise RefusedError(
            RefusalReason.MALFORMED,
            "learner_reference",
            "The record names its learner twice.",
            "Send a name or a reference, not both.",
        )
    reference = _checked_reference(record.learner_reference)
    learner_id = holder_at(known.aliases.get(reference, ()), occur_time_micros)
    learner = None if learner_id is None else known.learners.get(learner_id)
    if learner is None:
        raise RefusedError(
            RefusalReason.UNKNOWN_LEARNER,
            "learner_reference",
            f"No learner had this {_words(reference)} on {day(occur_time_micros)}.",
            "Nothing to do if the roster is on its way: the record is taken up when the alias"
            " arrives. Else add the alias, or discard the record.",
            awaits=for_learner(reference),
        )
    return learner


def _named_learner(name: str, known: Known) -> KnownLearner:
    """Return for whom a named learner's evidence counts.

    A learner of another district is no name of this one: what the other knows is never looked at.
    """
    prefix = learner_prefix(known.district)
    learner_id = name[len(prefix) :]
    learner = known.learners.get(learner_id) if name.startswith(prefix) else None
    if learner is not None:
        return learner
    if not name.startswith(prefix) or not IDENTIFIER.fullmatch(learner_id):
        hint = f"Send a name like {prefix}{{learner}}, as the roster gave it."
        raise malformed("learner", name, "is no learner of this district", hint)
    raise RefusedError(
        RefusalReason.UNKNOWN_LEARNER,
        "learner",
        f"The roster has no learner {shown(name)}.",
        "Send the learner with BatchUpsertLearners first, then the record again.",
    )


def _checked_reference(reference: Reference) -> Reference:
    """Return a reference that can be looked up; no message repeats it, as it may be an e-mail."""
    value = reference.value
    if not value:
        raise RefusedError(
            RefusalReason.MALFORMED,
            "learner_reference",
            "The reference to the learner has no value, or no kind that is known.",
            f"Send its kind and 1 to {MAX_REFERENCE_LENGTH} printable characters.",
        )
    if len(value) > MAX_REFERENCE_LENGTH or UNKEEPABLE.search(value):
        raise RefusedError(
            RefusalReason.MALFORMED,
            "learner_reference.value",
            f"The learner's {_words(reference)} is too long or unprintable.",
            f"Send 1 to {MAX_REFERENCE_LENGTH} printable characters.",
        )
    if reference.system and not IDENTIFIER.fullmatch(reference.system):
        raise RefusedError(
            RefusalReason.MALFORMED,
            "learner_reference.system",
            "The system is no source.",
            "Name the system with 1 to 64 of A-Z a-z 0-9 . _ -",
        )
    return reference


def _words(reference: Reference) -> str:
    return reference.kind.name.lower().replace("_", " ")


def resolve_alignments(record: Record, known: Known) -> tuple[tuple[str, int], ...]:
    """Return (competency id, share) sorted by id, so that the order of sending says nothing."""
    if record.alignments:
        if record.referenced_alignments:
            raise RefusedError(
                RefusalReason.ALIGNMENT_INVALID,
                "referenced_alignments",
                "The record has alignments by name and by reference.",
                "Send one of the two.",
            )
        return _shares(_named_competencies(record.alignments, known))
    if record.referenced_alignments:
        return _shares(_referenced_competencies(record.referenced_alignments, known))
    return _shares(_competencies_of_item(record, known))


def _shares(pairs: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return the pairs of competency and weight as shares, sorted by competency."""
    if len(pairs) == 1 and pairs[0][1] in (0, WEIGHT_SUM_MILLI):
        return ((pairs[0][0], WEIGHT_SUM_MILLI),)
    pairs = sorted(pairs)
    weights = share_weights([weight for _, weight in pairs])
    if weights is None:
        weights_shown = ", ".join(shown(weight) for _, weight in pairs)
        raise RefusedError(
            RefusalReason.ALIGNMENT_INVALID,
            "alignments",
            f"The weights {weights_shown} are no shares of 1000.",
            "Send weights of at least 1 that sum to 1000, or all 0 for equal shares.",
        )
    shares: dict[str, int] = {}
    for (competency_id, _), weight in zip(pairs, weights, strict=True):
        # Two competencies that one has taken the place of count together.
        shares[competency_id] = shares.get(competency_id, 0) + weight
    return tuple(shares.items())


def _named_competencies(
    alignments: Sequence[tuple[str, int]], known: Known
) -> Sequence[tuple[str, int]]:
    _check_count("alignments", len(alignments))
    prefix = competency_prefix(known.district)
    start = len(prefix)
    pairs = []
    for index, (name, weight) in enumerate(alignments):
        counted_id = known.competencies.get(name[start:])
        if counted_id is None or not name.startswith(prefix):
            raise _unknown_competency(index, name, prefix)
        pairs.append((counted_id, weight))
    if len(alignments) > 1:
        _check_distinct([(name[start:], weight) for name, weight in alignments])
    return pairs


def _referenced_competencies(
    alignments: Sequence[tuple[CompetencyReference, int]], known: Known
) -> Sequence[tuple[str, int]]:
    _check_count("referenced_alignments", len(alignments))
    pairs = []
    for index, (one, weight) in enumerate(alignments):
        field = f"referenced_alignments[{index}].competency"
        pairs.append((_meant(one, known, field), weight))
    return pairs


def _competencies_of_item(record: Record, known: Known) -> Sequence[tuple[str, int]]:
    """Return what the item's alignment says; a record that names no item cannot be aligned."""
    if not record.item:
        raise _wrong_count("alignments", 0)
    alignment = known.items.get((record.source, record.item))
    if alignment is None:
        raise RefusedError(
            RefusalReason.UNALIGNED_ITEM,
            "item",
            f"Nothing says which competency the item {shown(record.item)} is about.",
            "Add the item's alignment (import-alignments); the record is then taken up by itself.",
            awaits=for_item(record.source, record.item),
        )
    _check_count("item", len(alignment.references))
    return [(_meant(one, known, "item"), weight) for one, weight in alignment.references]


def _meant(reference: CompetencyReference, known: Known, field: str) -> str:
    """Return the id of the one competency that a reference means."""
    value = reference.value
    if not value or len(value) > MAX_REFERENCE_LENGTH or UNKEEPABLE.search(value):
        hint = f"Send 1 to {MAX_REFERENCE_LENGTH} printable characters."
        raise malformed(field, value, "is no reference to a competency", hint)
    found = known.references.get(reference, ())
    if len(found) == 1:
        return next(iter(found))
    if found:
        raise RefusedError(
            RefusalReason.AMBIGUOUS_REFERENCE,
            field,
            f"{shown(value)} fits {len(found)} competencies: "
            + ", ".join(shown(one) for one in sorted(found)[:2])
            + ".",
            "Say in which framework, or use the identifier instead of the code.",
        )
    words = CompetencyReferenceKind(reference.kind).name.lower().replace("_", " ")
    raise RefusedError(
        RefusalReason.UNKNOWN_COMPETENCY,
        field,
        f"The district has no competency with the {words} {shown(value)}.",
        "Import its framework; the record is then taken up by itself. Or align it with another.",
        awaits=for_competency(reference),
    )


def _check_count(field: str, count: int) -> None:
    if not 1 <= count <= MAX_ALIGNMENTS:
        raise _wrong_count(field, count)


def _wrong_count(field: str, count: int) -> RefusedError:
    return RefusedError(
        RefusalReason.ALIGNMENT_INVALID,
        field,
        f"The record has {count} alignments.",
        f"Send 1 to {MAX_ALIGNMENTS} competencies.",
    )


def _unknown_competency(index: int, name: str, prefix: str) -> RefusedError:
    field = f"alignments[{index}].competency"
    if not name.startswith(prefix) or not IDENTIFIER.fullmatch(name[len(prefix) :]):
        hint = f"Send a name like {prefix}{{competency}}."
        return malformed(field, name, "is no competency of this district", hint)
    return RefusedError(
        RefusalReason.UNKNOWN_COMPETENCY,
        field,
        f"The district has no competency {shown(name)}.",
        "Send the competency with BatchUpsertCompetencies first, then the record again.",
    )


def _check_distinct(pairs: Sequence[tuple[str, int]]) -> None:
    ids = [competency_id for competency_id, _ in pairs]
    for index, one in enumerate(ids):
        if one in ids[:index]:
            raise RefusedError(
                RefusalReason.ALIGNMENT_INVALID,
                f"alignments[{index}].competency",
                f"The competency {shown(one)} is there twice.",
                "Send each competency once, with the sum of its weights.",
            )

"""Classes of options, and what a seat in each is worth to each learner who may have one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from services.scheduler.domain import rules
from services.scheduler.domain.model import Choice, Learner, Mode, Offer, OptOut, SessionKind
from services.scheduler.domain.question.items import (
    COMMONS,
    ENRICHMENT,
    RICH_COMMONS,
    RICH_ENRICHMENT,
    Items,
    help_rank_value,
)
from services.scheduler.domain.question.options import ClassKey, Option
from services.scheduler.domain.snapshot_index import SnapshotIndex, is_in


@dataclass(frozen=True)
class Place:
    """What a seat of a class is to a learner: the item that it counts by, and its value."""

    learner: int
    item: int
    value: int


class Classes:
    """The classes of a week, numbered in the order in which options first name them."""

    def __init__(self, snapshot: SnapshotIndex, divided: frozenset[str]) -> None:
        """`divided`: the slots that are not open to everybody who is seated at their time."""
        self.keys: list[ClassKey] = []
        self._index: dict[ClassKey, int] = {}
        self._divided = divided
        problem = snapshot.problem
        dated = [one for one in problem.choices if one.slot_ids]
        self._dated = frozenset(one.offer_id for one in dated if one.offer_id)
        self._dated_again = frozenset(one.competency_id for one in dated if one.offer_id is None)
        """What somebody asks to be re-assessed on in some slots alone."""

    def number(self, option: Option, slot_id: str, kept_off: tuple[str, ...] = ()) -> int:
        """Return the class of an option that is held in a slot, where some may not come (H8)."""
        key = replace(option.key, kept_off=kept_off) if kept_off else option.key
        if self._is_dated(option) or slot_id in self._divided:
            key = replace(key, slot_id=slot_id)
        if key not in self._index:
            self._index[key] = len(self.keys)
            self.keys.append(key)
        return self._index[key]

    def _is_dated(self, option: Option) -> bool:
        """Return whether somebody chose it for some slots alone."""
        again = option.offer.kind is SessionKind.REASSESSMENT
        return option.offer.offer_id in self._dated or (
            again and option.competency_id in self._dated_again
        )


class Seating:
    """Says who may sit in a class, and what it is worth."""

    def __init__(
        self,
        snapshot: SnapshotIndex,
        learners: tuple[Learner, ...],
        items: tuple[Items, ...],
        open_to: Mapping[str, frozenset[str]],
    ) -> None:
        """`open_to`: by slot that is divided, who may be seated in it."""
        self._snapshot = snapshot
        self._open_to = open_to
        self._policy = snapshot.problem.policy
        self._learners = learners
        self._items = items
        self._with_help = _holders(items, "help")
        self._with_check = _holders(items, "check")
        self._with_again = _holders(items, "again")
        self._with_service = _holders(items, "service")
        self._opt_outs: dict[str, list[OptOut]] = defaultdict(list)
        for one in snapshot.problem.opt_outs:
            self._opt_outs[one.learner_id].append(one)
        self._choices: dict[tuple[str, str], list[Choice]] = defaultdict(list)
        self._tries: dict[tuple[str, str], list[Choice]] = defaultdict(list)
        """By learner and competency, the re-assessments that were asked for."""
        for choice in snapshot.problem.choices:
            if choice.offer_id:
                self._choices[choice.learner_id, choice.offer_id].append(choice)
            elif choice.competency_id:
                self._tries[choice.learner_id, choice.competency_id].append(choice)
        self._worked = {
            (one.learner_id, one.competency_id)
            for one in snapshot.problem.group_histories
            if one.last_week
        }

    def places(self, key: ClassKey) -> Iterator[Place]:
        """Yield who may sit in a class, learners in order."""
        make = {
            SessionKind.SMALL_GROUP: self._help,
            SessionKind.ONE_TO_ONE: self._help,
            SessionKind.CHECK: self._check,
            SessionKind.REASSESSMENT: self._again,
            SessionKind.SERVICE: self._service,
        }.get(key.kind, self._open)
        if self._is_for_anybody(key):
            yield from make(key)
            return
        for place in make(key):
            if self.may_come(self._learners[place.learner], key):
                yield place

    def _is_for_anybody(self, key: ClassKey) -> bool:
        """Return whether nothing keeps anybody out, so that nobody needs to be asked about."""
        scope = self._snapshot.offers[key.offer_id].scope if key.offer_id else None
        limits = (key.kept_off, key.slot_id in self._open_to, key.consent, scope, self._opt_outs)
        return not any(limits)

    def may_come(self, learner: Learner, key: ClassKey) -> bool:
        """Return whether a class is for a learner: who is kept off, scope, consent, opt-outs."""
        if learner.learner_id in key.kept_off:
            return False
        if key.slot_id in self._open_to and learner.learner_id not in self._open_to[key.slot_id]:
            return False
        if key.consent and key.consent not in learner.consents:
            return False
        if key.offer_id and not is_in(self._snapshot.offers[key.offer_id].scope, learner):
            return False
        return not any(self._bars(one, key) for one in self._opt_outs.get(learner.learner_id, ()))

    def _bars(self, one: OptOut, key: ClassKey) -> bool:
        competency = self._snapshot.competencies.get(key.competency_id)
        subject = competency.subject if competency else ""
        return (
            (one.offer_id is not None and one.offer_id == key.offer_id)
            or one.kind is key.kind
            or (one.subject != "" and one.subject == subject)
        )

    def _help(self, key: ClassKey) -> Iterator[Place]:
        for number in self._with_help[key.competency_id]:
            item = self._items[number].help[key.competency_id]
            claim = self._items[number].items[item].claim
            assert claim is not None
            share = rules.tier_share_milli(self._policy, claim.tier_id, key.tier_id)
            value = rules.half_up(claim.weight_milli * share, rules.MILLI)
            mode = rules.mode_share_milli(self._policy, Mode(key.mode))
            value = rules.half_up(value * mode, rules.MILLI)
            if claim.key in self._worked:
                value += self._policy.weights.continued_milli
            yield Place(number, item, value + self._rank(number, key))

    def _rank(self, number: int, key: ClassKey) -> int:
        """Return the points of ranked choices of a session with a target."""
        wished = self._choices.get((self._learners[number].learner_id, key.offer_id), ())
        met = (
            one
            for one in wished
            if holds_in(one, key.slot_id) and one.competency_id in (None, key.competency_id)
        )
        return help_rank_value(met, self._policy.weights)

    def _check(self, key: ClassKey) -> Iterator[Place]:
        for number in self._with_check[key.competency_id]:
            item = self._items[number].check[key.competency_id]
            claim = self._items[number].items[item].claim
            assert claim is not None
            yield Place(number, item, claim.weight_milli + self._rank(number, key))

    def _again(self, key: ClassKey) -> Iterator[Place]:
        for number in self._with_again[key.competency_id]:
            item = self._items[number].again[key.competency_id]
            tries = self._tries[self._learners[number].learner_id, key.competency_id]
            if any(holds_in(one, key.slot_id) for one in tries):
                value = self._policy.weights.reassessment_milli
                yield Place(number, item, value + self._rank(number, key))

    def _service(self, key: ClassKey) -> Iterator[Place]:
        for number in self._with_service[key.service]:
            yield Place(number, self._items[number].service[key.service], 0)

    def _open(self, key: ClassKey) -> Iterator[Place]:
        """Yield everybody: enrichment and commons are for all (S4)."""
        weights = self._policy.weights
        commons = key.kind is SessionKind.COMMONS
        value = weights.commons_milli if commons else weights.enrichment_milli
        plain = COMMONS if commons else ENRICHMENT
        if key.rich:
            plain = RICH_COMMONS if commons else RICH_ENRICHMENT
        for number in range(len(self._learners)):
            chosen = self._items[number].chosen.get(key.offer_id, ()) if key.offer_id else ()
            fitting = (n for n in chosen if self._holds(number, n, key.slot_id))
            yield Place(number, next(fitting, plain), value)

    def _holds(self, number: int, item: int, slot_id: str) -> bool:
        choice = self._items[number].items[item].choice
        return choice is not None and holds_in(choice, slot_id)


def holds_in(choice: Choice, slot_id: str) -> bool:
    """Return whether a choice is for a slot."""
    return not choice.slot_ids or slot_id in choice.slot_ids


def is_of(choice: Choice, offer: Offer, competency_id: str | None) -> bool:
    """Return whether a session of an offer, on a target where it has one, is what was chosen."""
    if choice.offer_id != offer.offer_id:
        return False
    return not offer.kind.has_target or choice.competency_id in (None, competency_id)


def _holders(items: tuple[Items, ...], kind: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(items):
        for key in getattr(one, kind):
            found[key].append(number)
    return found

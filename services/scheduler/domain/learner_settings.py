"""What a school sets for a learner: who looks after their week, who acts for them, what is agreed.

Nothing in here is shown to learners or in halls, and nothing is part of any weight but what H3, H4
and H6 read: tags, consents, opt-outs, and what the guided plan says.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import OptOut, SessionKind
from services.scheduler.domain.resources import (
    Setting,
    check_batch,
    check_id,
    check_set,
    check_text,
    refuse,
)

MAX_FAMILIES = 8
MAX_TAGS = 20
MAX_CONSENTS = 20
MAX_OPT_OUTS = 50
MAX_SUBJECT_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class Consent:
    """That a family has consented to larger groups than a law allows (H3), from a day on."""

    law: str
    """The code of the law, as offers give it."""
    date: date


@dataclass(frozen=True, kw_only=True)
class FamilyOptOut:
    """What a family has opted out of (H4): exactly one of an offer, a kind and a subject."""

    offer_id: str = ""
    kind: SessionKind | None = None
    subject: str = ""

    def planned(self, learner_id: str) -> OptOut:
        """Return what a plan run reads of it."""
        return OptOut(
            learner_id=learner_id,
            offer_id=self.offer_id or None,
            kind=self.kind,
            subject=self.subject,
        )


@dataclass(frozen=True, kw_only=True)
class LearnerSetting(Setting):
    """What a school has set for a learner; the id is the roster's id of the learner."""

    named_adult_id: str
    """The adult who looks after the learner's week."""
    family_ids: tuple[str, ...] = ()
    """Opaque ids of the families whose credentials act for the learner."""
    tags: tuple[str, ...] = ()
    """What scopes of slots and offers ask for: a studio, a lunch wave, a bus, a campus."""
    consents: tuple[Consent, ...] = ()
    opt_outs: tuple[FamilyOptOut, ...] = ()
    far_behind: bool | None = None
    """What the guided plan says; None: the essential competencies decide (H6)."""

    def consents_on(self, day: date) -> tuple[str, ...]:
        """Return the codes of the laws with a consent that is on file by the day."""
        return tuple(one.law for one in self.consents if one.date <= day)


def checked_learner_settings(
    wanted: Sequence[LearnerSetting], offer_ids: Collection[str]
) -> tuple[LearnerSetting, ...]:
    """Return the entries as they are to be kept; raises InvalidSettingError.

    `offer_ids`: of the offers that the entries name, those that the school has.
    """
    check_batch("learner_settings", wanted)
    return tuple(
        _checked(f"learner_settings[{place}]", one, offer_ids) for place, one in enumerate(wanted)
    )


def offers_named(settings: Sequence[Setting]) -> set[str]:
    """Return the offers that families have opted out of, among settings of any kind."""
    return {
        each.offer_id
        for one in settings
        if isinstance(one, LearnerSetting)
        for each in one.opt_outs
        if each.offer_id
    }


def _checked(place: str, one: LearnerSetting, offer_ids: Collection[str]) -> LearnerSetting:
    check_id(f"{place}.name", one.id)
    check_id(f"{place}.named_adult", one.named_adult_id)
    return replace(
        one,
        family_ids=check_set(f"{place}.families", one.family_ids, most=MAX_FAMILIES),
        tags=check_set(f"{place}.tags", one.tags, most=MAX_TAGS),
        consents=_checked_consents(f"{place}.consents", one.consents),
        opt_outs=_checked_opt_outs(f"{place}.opt_outs", one.opt_outs, offer_ids),
    )


def _checked_consents(field: str, consents: tuple[Consent, ...]) -> tuple[Consent, ...]:
    check_set(field, [one.law for one in consents], most=MAX_CONSENTS)
    return tuple(sorted(consents, key=lambda one: one.law))


def _checked_opt_outs(
    field: str, opt_outs: tuple[FamilyOptOut, ...], offer_ids: Collection[str]
) -> tuple[FamilyOptOut, ...]:
    if len(opt_outs) > MAX_OPT_OUTS:
        refuse(
            field,
            "TOO_MANY_VALUES",
            f"holds {len(opt_outs)} values.",
            f"Send at most {MAX_OPT_OUTS}.",
        )
    checked = [
        _checked_opt_out(f"{field}[{place}]", one, offer_ids) for place, one in enumerate(opt_outs)
    ]
    if len(set(checked)) < len(checked):
        refuse(field, "DUPLICATE", "holds a value twice.", "Send each value once.")
    return tuple(sorted(checked, key=_order))


def _checked_opt_out(place: str, one: FamilyOptOut, offer_ids: Collection[str]) -> FamilyOptOut:
    subject = check_text(f"{place}.subject", one.subject, most=MAX_SUBJECT_LENGTH)
    if [bool(one.offer_id), one.kind is not None, bool(subject)].count(True) != 1:
        refuse(
            f"{place}.what",
            "FIELD_MISSING",
            "must be an offer, a kind or a subject.",
            "Send exactly one of them.",
        )
    if one.offer_id and one.offer_id not in offer_ids:
        refuse(
            f"{place}.offer",
            "UNKNOWN_OFFER",
            "names an offer that the school does not have.",
            "Send the offer first.",
        )
    return replace(one, subject=subject)


def _order(one: FamilyOptOut) -> tuple[str, str, str]:
    return one.offer_id, one.kind.value if one.kind else "", one.subject

"""Sessions that learners propose: proposed, sponsored (which makes an offer), declined."""

from dataclasses import dataclass

from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.proposals import (
    MAX_OPEN_PROPOSALS,
    SHOWN_FOR,
    Proposal,
    ProposalState,
    checked_proposal,
    declined,
    sponsored,
)
from services.scheduler.domain.asking.settling import SETTLE_SOON
from services.scheduler.domain.errors import NotFoundError, TooManyAsksError
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.resources import (
    MAX_SETTINGS_PAGE,
    Kept,
    merge,
    page_limit,
    refuse,
)
from services.scheduler.domain.school import SchoolOffer, Standing, checked_offers
from services.scheduler.handlers.asking.desk import (
    Desk,
    LearnerAct,
    done,
    first_id,
    for_learner,
    new_id,
    require_learner,
)
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.asking import Value
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class Sponsor:
    """How a proposed session is held: who leads it, where, and when it may be."""

    proposal_id: str
    adult_id: str
    room_id: str
    slot_ids: tuple[str, ...]
    cap: int = 0


@dataclass(frozen=True, kw_only=True)
class ProposalPage:
    """A page of proposals by id; `next_after` is empty on the last."""

    proposals: tuple[Proposal, ...]
    next_after: str


async def propose(desk: Desk, by: Act, learner_id: str, title: str, what: str) -> Proposal:
    """Keep a proposal; a repeat returns it. Raises InvalidSettingError, TooManyAsksError."""
    known = await desk.book.known(by.district, by.school_id)
    require_learner(known, learner_id)
    async with desk.store.change(by.district, by.school_id) as view:
        first = await first_id(view, by)
        if first is not None:
            return await _proposal(view, by, first)
        policy = await policy_of(view, by.school_id)
        wanted = Proposal(
            school_id=by.school_id,
            id=new_id(by, "proposal"),
            version=1,
            learner_id=learner_id,
            title=title,
            what=what,
            create_time=desk.clock.now(),
        )
        made = checked_proposal(wanted, policy.numbers.banned_words)
        where: dict[str, Value] = {
            "learner_id": learner_id,
            "state": ProposalState.WAITING.value,
            "create_time": desk.clock.now() - SHOWN_FOR,
        }
        waiting = await view.asking.proposals.matching(
            by.school_id, where, limit=MAX_OPEN_PROPOSALS
        )
        if len(waiting) >= MAX_OPEN_PROPOSALS:
            raise TooManyAsksError(what="proposals that wait", limit=MAX_OPEN_PROPOSALS)
        await _keep(desk, view, by, made, Action.PROPOSE_SESSION)
    return made


async def sponsor(desk: Desk, by: Act, wanted: Sponsor) -> Proposal:
    """Make a proposal an offer of enrichment, which is for all.

    Raises NotFoundError, AnsweredAlreadyError, InvalidSettingError.
    """
    if not wanted.slot_ids:
        refuse("slot_ids", "FIELD_MISSING", "is empty.", "Send the slots in which it may be held.")
    async with desk.store.change(by.district, by.school_id) as view:
        standing = await _proposal(view, by, wanted.proposal_id)
        if await first_id(view, by) is not None:
            return standing
        offer = await _offer(view, by, standing, wanted)
        changed = sponsored(standing, offer.id, by.actor.name)
        now = desk.clock.now()
        await view.offers.keep(merge({}, [offer]).changed, now)
        await view.asking.weeks.hasten(by.school_id, now + SETTLE_SOON)
        await _keep(desk, view, by, changed, Action.SPONSOR_SESSION)
    return changed


async def decline(desk: Desk, by: Act, proposal_id: str, sentence: str) -> Proposal:
    """Decline a proposal with a sentence that the learner reads; raises AnsweredAlreadyError."""
    async with desk.store.change(by.district, by.school_id) as view:
        standing = await _proposal(view, by, proposal_id)
        if await first_id(view, by) is not None:
            return standing
        words = await for_learner(view, by, "sentence", sentence, required=True)
        changed = declined(standing, by.actor.name, words)
        await _keep(desk, view, by, changed, Action.SPONSOR_SESSION)
    return changed


async def list_proposals(
    desk: Desk, by: Act, *, learner_ids: tuple[str, ...] | None, after: str, page_size: int
) -> ProposalPage:
    """Return a page of the proposals of the last half year, of these learners or all, by id."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    where: dict[str, Value | tuple[str, ...]] = {"create_time": desk.clock.now() - SHOWN_FOR}
    if learner_ids is not None:
        where["learner_id"] = learner_ids
    async with desk.store.snapshot(by.district) as view:
        found = await view.asking.proposals.matching(
            by.school_id, where, after=after, limit=limit + 1
        )
    shown = tuple(found[:limit])
    return ProposalPage(proposals=shown, next_after=shown[-1].id if len(found) > limit else "")


async def _offer(view: View, by: Act, proposal: Proposal, wanted: Sponsor) -> SchoolOffer:
    rooms = [wanted.room_id] if wanted.room_id else []
    standing = Standing(
        policy=await policy_of(view, by.school_id),
        room_ids=await view.rooms.standing(by.school_id, rooms),
    )
    offer = SchoolOffer(
        school_id=by.school_id,
        id=f"proposed-{proposal.id}",
        adult_id=wanted.adult_id,
        kind=SessionKind.ENRICHMENT,
        room_id=wanted.room_id,
        title=proposal.title,
        cap=wanted.cap,
        slot_ids=wanted.slot_ids,
    )
    (checked,) = checked_offers([offer], standing)
    return checked


async def _keep(desk: Desk, view: View, by: Act, proposal: Proposal, action: Action) -> None:
    await view.asking.proposals.keep([proposal], desk.clock.now())
    act = LearnerAct(
        action=action,
        learner_id=proposal.learner_id,
        detail=f"proposal {proposal.id} {proposal.state.value}",
        reason=proposal.answer_sentence,
    )
    await done(view, by, [act], Kept(id=proposal.id, version=proposal.version), desk)


async def _proposal(view: View, by: Act, proposal_id: str) -> Proposal:
    found = await view.asking.proposals.standing(by.school_id, [proposal_id])
    if proposal_id not in found:
        raise NotFoundError(kind="proposal", name=proposal_id)
    return found[proposal_id]

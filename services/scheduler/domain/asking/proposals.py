"""Sessions that learners propose: an adult sponsors one (it becomes an offer) or declines."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from services.scheduler.domain.errors import AnsweredAlreadyError
from services.scheduler.domain.resources import Setting, check_text, refuse
from services.scheduler.domain.titles import refusal

MAX_TITLE_LENGTH = 60
MAX_WHAT_LENGTH = 300
MAX_OPEN_PROPOSALS = 10
"""Of one learner at a time."""
SHOWN_FOR = timedelta(weeks=26)
"""How long a proposal is listed, and waits: one that nobody has answered by then has run out."""


class ProposalState(Enum):
    """How far it has come; the values are those of the tables."""

    WAITING = "waiting"
    SPONSORED = "sponsored"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Proposal(Setting):
    """A session that a learner proposes: a title for the hall, and what it is."""

    learner_id: str
    title: str
    what: str
    create_time: datetime
    state: ProposalState = ProposalState.WAITING
    offer_id: str = ""
    """The offer that it became."""
    answer_actor: str = ""
    answer_sentence: str = ""
    """For the learner to read."""


def checked_proposal(proposal: Proposal, banned_words: tuple[str, ...]) -> Proposal:
    """Return the proposal as it is kept; raises InvalidSettingError."""
    title = check_text("title", proposal.title, most=MAX_TITLE_LENGTH, required=True)
    labelled = refusal(title, banned_words)
    if labelled:
        refuse("title", "TITLE_BANNED", f"{labelled}.", "Choose a neutral title.")
    what = check_text("what", proposal.what, most=MAX_WHAT_LENGTH, required=True)
    return replace(proposal, title=title, what=what)


def require_waiting(proposal: Proposal) -> None:
    """Raise AnsweredAlreadyError where the proposal has an answer."""
    if proposal.state is not ProposalState.WAITING:
        raise AnsweredAlreadyError(what="proposal", state=proposal.state.value)


def sponsored(proposal: Proposal, offer_id: str, actor: str) -> Proposal:
    """Return the proposal that has become an offer."""
    require_waiting(proposal)
    return replace(
        proposal,
        version=proposal.version + 1,
        state=ProposalState.SPONSORED,
        offer_id=offer_id,
        answer_actor=actor,
    )


def declined(proposal: Proposal, actor: str, sentence: str) -> Proposal:
    """Return the proposal with the sentence that says why not."""
    require_waiting(proposal)
    return replace(
        proposal,
        version=proposal.version + 1,
        state=ProposalState.DECLINED,
        answer_actor=actor,
        answer_sentence=sentence,
    )

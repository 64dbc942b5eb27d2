"""What a learner and their family read of a request for the learner: no level, rank or label.

An adult is named by the word and the id, as in "adult eve", which a page turns into a name. Why
one adult comes before another is the staff's; the learner reads where they are, and until when.
"""

from services.scheduler.domain import titles
from services.scheduler.domain.asking.requests import AdultRequest
from services.scheduler.domain.explain.sentences import clock, label_for_learner
from services.scheduler.domain.model import Problem, SessionKind
from services.scheduler.domain.requests.index import Index
from services.scheduler.domain.week import RequestOutcome, RequestState


def learner_sentence(request: AdultRequest, outcome: RequestOutcome, index: Index) -> str:
    """Return what the learner is told of a request; empty where it never concerned them."""
    slot = index.slots.get(request.slot_id)
    if slot is None or outcome.state is RequestState.REFUSED:
        return ""
    who = f"Adult {request.adult_id}" if request.adult_id else "An adult of your school"
    when = f"from {clock(slot.start)} until {clock(slot.end)}"
    what = title_for_learner(request, index)
    if outcome.state is RequestState.CANCELLED:
        return f"{who} does not ask for you {when} any more."
    if outcome.state is RequestState.SEATED:
        return f"{who} asked for you {when}: {what}."
    return f"{who} asked for you too {when}: {what}. You are somewhere else then."


def title_for_learner(request: AdultRequest, index: Index) -> str:
    """Return a neutral title of what is asked for."""
    problem: Problem = index.problem
    offer = index.offers.get(request.offer_id)
    if offer is None:
        return titles.NEUTRAL_TITLES[SessionKind.COMMONS]
    competency = index.competencies.get(request.competency_id)
    codes = [one.code for one in problem.competencies if one.code]
    label = label_for_learner(competency, problem.policy, codes) if competency else ""
    wishes = (offer.title, label[:1].upper() + label[1:])
    return titles.safe_title(offer.kind, wishes, problem.policy.banned_words, codes)

"""The RPCs of RequestService for bookings and proposals."""

from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.adapters.wire import asking as wire
from services.scheduler.adapters.wire.names import ADULT, BOOKING, PROPOSAL, ROOM, ids_in
from services.scheduler.adapters.wire.page_tokens import place_from, place_to
from services.scheduler.domain.access import Action, Resource, allow, require_allowed
from services.scheduler.domain.asking.bookings import BookingKind
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.entrypoints.grpc.asking.calls import (
    Calls,
    Context,
    competency_in,
    learner_in,
    learners_of,
    of_week,
    offer_in,
    require_any,
    require_on,
    school_of,
)
from services.scheduler.handlers.asking import bookings, proposals
from services.scheduler.handlers.day.acting import Act

BOOKERS = (Action.RANK, Action.NOMINATE)
"""A learner and their family book for themselves, an adult for whom they may nominate."""


class SessionsRpcs(Calls):
    """The part of the servicer for sessions that are asked for by name."""

    async def CreateBooking(  # noqa: N802
        self, request: messages.CreateBookingRequest, context: Context
    ) -> messages.CreateBookingResponse:
        """Ask for a re-assessment or a coaching group."""
        by, monday = await self._in_week("parent", request.parent, request)
        learner_id = learner_in(by, request.learner)
        require_any(by, BOOKERS, learner_id)
        kind: BookingKind = wire.booking_kind_from(request.kind)
        asked = bookings.CreateBooking(
            monday=monday,
            kind=kind,
            learner_id=learner_id,
            competency_id=competency_in(by, request.competency),
            offer_id=offer_in(by, request.offer),
            slot_id=request.slot_id,
        )
        kept = await bookings.create_booking(self._desk, by, asked)
        return messages.CreateBookingResponse(booking=wire.booking_to(school_of(by), kept))

    async def AnswerBooking(  # noqa: N802
        self, request: messages.AnswerBookingRequest, context: Context
    ) -> messages.AnswerBookingResponse:
        """Agree to a booking, or decline it."""
        by, ids = await self._on(BOOKING, request.name, request)
        booking = await bookings.get_booking(self._desk, by, *of_week(ids))
        require_on(by, Action.CONFIRM_RANKING, booking.learner_id)
        kept = await bookings.answer_booking(
            self._desk, by, booking, agree=request.agree, sentence=request.sentence
        )
        return messages.AnswerBookingResponse(booking=wire.booking_to(school_of(by), kept))

    async def CancelBooking(  # noqa: N802
        self, request: messages.CancelBookingRequest, context: Context
    ) -> messages.CancelBookingResponse:
        """Take a booking back."""
        by, ids = await self._on(BOOKING, request.name, request)
        booking = await bookings.get_booking(self._desk, by, *of_week(ids))
        require_any(by, BOOKERS, booking.learner_id)
        kept = await bookings.cancel_booking(self._desk, by, booking)
        return messages.CancelBookingResponse(booking=wire.booking_to(school_of(by), kept))

    async def ListBookings(  # noqa: N802
        self, request: messages.ListBookingsRequest, context: Context
    ) -> messages.ListBookingsResponse:
        """List the bookings of a week."""
        by, monday = await self._in_week("parent", request.parent)
        action = Action.CONFIRM_RANKING if by.actor.is_staff else Action.READ_OWN_WEEK
        page = await bookings.list_bookings(
            self._desk,
            by,
            monday,
            learner_ids=learners_of(by, action, request.learner),
            after=place_from(request.page_token),
            page_size=request.page_size,
        )
        return messages.ListBookingsResponse(
            bookings=[wire.booking_to(school_of(by), one) for one in page.bookings],
            next_page_token=place_to(page.next_after),
        )

    async def ProposeSession(  # noqa: N802
        self, request: messages.ProposeSessionRequest, context: Context
    ) -> messages.ProposeSessionResponse:
        """Propose a session for a learner."""
        by = await self._in_school("parent", request.parent, request)
        learner_id = learner_in(by, request.learner)
        require_on(by, Action.PROPOSE_SESSION, learner_id)
        kept = await proposals.propose(self._desk, by, learner_id, request.title, request.what)
        return messages.ProposeSessionResponse(proposal=wire.proposal_to(school_of(by), kept))

    async def SponsorProposal(  # noqa: N802
        self, request: messages.SponsorProposalRequest, context: Context
    ) -> messages.SponsorProposalResponse:
        """Make a proposal an offer that an adult leads."""
        by, (proposal_id,) = await self._on(PROPOSAL, request.name, request)
        (adult_id,) = ids_in(ADULT, "adult", by.district, request.adult)
        require_allowed(by.actor, Action.SPONSOR_SESSION, Resource(adult_id=adult_id))
        wanted = proposals.Sponsor(
            proposal_id=proposal_id,
            adult_id=adult_id,
            room_id=_room_in(by, request.room),
            slot_ids=tuple(request.slot_ids),
            cap=request.cap,
        )
        kept = await proposals.sponsor(self._desk, by, wanted)
        return messages.SponsorProposalResponse(proposal=wire.proposal_to(school_of(by), kept))

    async def DeclineProposal(  # noqa: N802
        self, request: messages.DeclineProposalRequest, context: Context
    ) -> messages.DeclineProposalResponse:
        """Decline a proposal."""
        by, (proposal_id,) = await self._on(PROPOSAL, request.name, request)
        _require_sponsor(by)
        kept = await proposals.decline(self._desk, by, proposal_id, request.sentence)
        return messages.DeclineProposalResponse(proposal=wire.proposal_to(school_of(by), kept))

    async def ListProposals(  # noqa: N802
        self, request: messages.ListProposalsRequest, context: Context
    ) -> messages.ListProposalsResponse:
        """List proposals: all for who may sponsor one, their own for learners and families."""
        by = await self._in_school("parent", request.parent)
        own: tuple[str, ...] | None
        if by.actor.is_staff:
            _require_sponsor(by)
            own = (learner_in(by, request.learner),) if request.learner else None
        else:
            own = learners_of(by, Action.READ_OWN_WEEK, request.learner)
        page = await proposals.list_proposals(
            self._desk,
            by,
            learner_ids=own,
            after=place_from(request.page_token),
            page_size=request.page_size,
        )
        return messages.ListProposalsResponse(
            proposals=[wire.proposal_to(school_of(by), one) for one in page.proposals],
            next_page_token=place_to(page.next_after),
        )


def _require_sponsor(by: Act) -> None:
    """Refuse who may sponsor no session, not even one that they lead themselves."""
    own = Resource(adult_id=by.actor.adult_id)
    if not allow(by.actor, Action.SPONSOR_SESSION):
        require_allowed(by.actor, Action.SPONSOR_SESSION, own)


def _room_in(by: Act, name: str) -> str:
    if not name:
        return ""
    school_id, room_id = ids_in(ROOM, "room", by.district, name)
    if school_id != by.school_id:
        raise InvalidRequestError(field="room", message="is of another school")
    return room_id

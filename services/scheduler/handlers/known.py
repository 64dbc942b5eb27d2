"""What other services say of a school, put together in one way for all who read it.

A plan run, a check of a school and what people choose from see the same people: also the adults of
other schools who lead something here.
"""

from collections.abc import Mapping, Sequence

from services.scheduler.domain.model import Adult, Need
from services.scheduler.domain.people import Members
from services.scheduler.domain.planned_people import visitors
from services.scheduler.domain.school import SchoolOffer
from services.scheduler.domain.staff import StaffMember
from services.scheduler.ports.upstream import Directory, Known


async def known_of(
    district: str,
    members: Members,
    needs: Sequence[Need],
    *,
    offers: Sequence[SchoolOffer],
    staff: Mapping[str, StaffMember],
    directory: Directory,
) -> Known:
    """Return what is known of a school by its members, their needs, and who leads what.

    Raises UpstreamError where the roster does not answer.
    """
    guests = visitors([one.planned() for one in offers], members.adults, staff)
    return Known(
        members=members,
        competencies=tuple(await directory.competencies(district)),
        needs=tuple(needs),
        visiting=await _visiting(district, guests, directory),
    )


async def _visiting(
    district: str, adult_ids: Sequence[str], directory: Directory
) -> tuple[Adult, ...]:
    """Return the active ones of adults whom the roster has at another school."""
    found = [await directory.adult(district, one) for one in adult_ids]
    return tuple(one.adult for one in found if one is not None and one.active)

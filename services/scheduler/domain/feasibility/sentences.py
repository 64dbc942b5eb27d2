"""The sentences of what no week can keep: what, where, why, and what would mend it.

Ids stand behind the word for what they are, so that a page can put names there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from services.scheduler.domain.feasibility.asked import Asked
from services.scheduler.domain.feasibility.network import Bottleneck, Node
from services.scheduler.domain.feasibility.services import LOAD, NEED, ROOM, SESSION, Supply
from services.scheduler.domain.question.frame import Frame

NAMES_SHOWN = 5

MENDS = {
    LOAD: "Raise the load of who delivers it, or let another adult deliver it too",
    SESSION: "Let it be held in more slots, by more adults, or for more learners at once",
    ROOM: "Let it be held in another room, or without one",
    NEED: "Let it be offered in more slots in which they are free",
}
"""By the kind of node before a link that is full; the first kind that is there is told."""
NOWHERE = "Let it be offered in a slot in which they are free, or move a pin or a lock"


class Sentences:
    """Writes of one school."""

    def __init__(self, frame: Frame, supply: Supply) -> None:
        self._frame = frame
        self._supply = supply

    def of_bottleneck(self, found: Bottleneck) -> str:
        """Return why part of the minutes cannot be given, whatever the week."""
        needs = [node for node in found.nodes if node[0] == NEED]
        learners = list(dict.fromkeys(node[1] for node in needs))
        services = sorted({node[2] for node in needs})
        head = (
            f"{found.missing} of {found.asked} minutes of {_all('service', services)} cannot be"
            f" given to {named('learner', learners)}"
        )
        kinds = [start[0] for start, _ in found.full]
        mend = next((text for kind, text in MENDS.items() if kind in kinds), NOWHERE)
        return f"{head}: {'; '.join(self._causes(found))}. {mend}, and plan the week anew."

    def _causes(self, found: Bottleneck) -> list[str]:
        links: dict[str, list[tuple[Node, Node]]] = defaultdict(list)
        for link in found.full:
            links[link[0][0]].append(link)
        causes = [self._load(start, found, alone=len(found.full) == 1) for start, _ in links[LOAD]]
        causes += self._sessions(start for start, _ in links[SESSION])
        causes += [self._room(start) for start, _ in links[ROOM]]
        causes += self._free(start for start, _ in links[NEED])
        return causes or [
            "nobody who delivers it to them is there in a slot in which they are free"
        ]

    def _load(self, node: Node, found: Bottleneck, *, alone: bool) -> str:
        adult = int(node[1])
        adult_id = self._frame.adult_ids[adult]
        most, largest = self._supply.most_sessions(adult), self._supply.largest(adult)
        sessions = f"{most} {'session' if most == 1 else 'sessions'}"
        text = f"adult {adult_id} can lead {sessions} of it in the week"
        if not alone or not largest:
            return text
        return f"{text}, and {-(-found.asked // largest)} or more are asked of them"

    def _sessions(self, nodes: Iterable[Node]) -> list[str]:
        """Return, adult by adult, the slots in which their sessions are full."""
        times: dict[int, list[int]] = defaultdict(list)
        for _, time, adult in nodes:
            times[int(adult)].append(int(time))
        return [
            f"the sessions of adult {self._frame.adult_ids[adult]} are full in"
            f" {named('slot', [self._slot(time) for time in sorted(mine)])}"
            for adult, mine in sorted(times.items())
        ]

    def _room(self, node: Node) -> str:
        rooms = self._frame.options.rooms[int(node[2])].room_ids
        return f"{named('room', rooms)} can take no more in slot {self._slot(int(node[1]))}"

    def _free(self, nodes: Iterable[Node]) -> list[str]:
        slots = Counter(node[1] for node in nodes)
        return [
            f"learner {learner_id} is free for it in {count} {'slot' if count == 1 else 'slots'}"
            for learner_id, count in sorted(slots.items())
        ]

    def _slot(self, time: int) -> str:
        return self._frame.times.slots[time][0].slot_id


def of_learner(learner_id: str, theirs: Sequence[Asked], free: int) -> str:
    """Return that a learner has too little time for all the services that are required."""
    asked = sum(one.minutes for one in theirs)
    services = _all("service", [one.wanted.service for one in theirs])
    return (
        f"{asked - free} of {asked} minutes of {services} cannot be given to learner"
        f" {learner_id}: pins and exemptions leave them {free} minutes of the week. Move a pin,"
        " add a slot or ask for less, and plan the week anew."
    )


def named(word: str, ids: Sequence[str]) -> str:
    """Return the first of some ids, each behind its word, and that there are others."""
    names = ", ".join(f"{word} {one}" for one in ids[:NAMES_SHOWN])
    return f"{names} and others" if len(ids) > NAMES_SHOWN else names


def _all(word: str, ids: Sequence[str]) -> str:
    return " and ".join(f"{word} {one}" for one in ids)

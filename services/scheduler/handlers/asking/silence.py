"""Who could choose and did not, for staff who look after learners that drift away."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from services.scheduler.domain.asking.windows import ChoiceWindow
from services.scheduler.ports.store import View


class SilentLearners:
    """The port `Unanswered`: whose week was published, could be chosen for, and has no ranking."""

    async def unanswered(
        self, view: View, school_id: str, mondays: Sequence[date]
    ) -> Mapping[str, Sequence[date]]:
        """Return for each learner the Mondays among these in which they chose nothing."""
        digests = await view.digests.published(school_id, mondays)
        windows = await view.asking.windows.among(school_id, sorted(digests))
        sent = await view.asking.rankings.senders(school_id, sorted(windows))
        found: dict[str, list[date]] = defaultdict(list)
        for monday, digest in sorted(digests.items()):
            window = windows.get(monday)
            if digest is None or window is None or not _was_whole(window):
                continue
            for learner in digest.learners:
                if (monday, learner.learner_id) not in sent:
                    found[learner.learner_id].append(monday)
        return found


def _was_whole(window: ChoiceWindow) -> bool:
    """Whether sign-up was there as promised: nobody is marked as having forgotten else."""
    return window.note == ""

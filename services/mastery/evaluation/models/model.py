"""What every model of a comparison is."""

from typing import Protocol

from services.mastery.evaluation.log import Flags, Floats


class Model(Protocol):
    """Predicts the responses of one log, from which it was made.

    What does not depend on who is held out (counts, features, levels) is worked out once, when the
    model is made.
    """

    @property
    def name(self) -> str:
        """How reports call it."""

    def predict(self, training: Flags) -> Floats:
        """Return the chance of a right answer for every response of the log, shape (n,).

        Fitted on the responses where `training` (n,) is True, which are all or none of a
        learner's. Each prediction reads that learner's earlier responses and nothing later.
        """

"""What can go wrong in the local runner, each as a class that says what, why and what to do.

LocalRunnerError
├── ProcessEndedError       a process ended before it was ready
├── NotReadyInTimeError     a process runs, but does not answer
├── WillNotStopError        a process outlived SIGKILL
├── ForeignServerError      somebody else's server uses the data directory
├── FetchError              Kafka's jars could not be fetched
├── UnreadableError         the server's user cannot read what it needs
├── ServerSetupError        a server's data directory could not be made
├── BootstrapError          roles and databases could not be made
├── StackStateError         stack.json cannot be used
├── TokenNameError          a token may not have this name (see tokens.py)
├── LocalConfigError        a setting cannot be used (see config.py)
└── PreflightError          something is missing on this machine (see preflight.py)
"""

from __future__ import annotations


class LocalRunnerError(Exception):
    """A problem that a person has to solve, in three sentences."""

    def __init__(self, *, what: str, why: str, action: str) -> None:
        super().__init__(what, why, action)
        self.what = what
        self.why = why
        self.action = action

    def __str__(self) -> str:
        return f"{self.what}\n  Why: {self.why}\n  What to do: {self.action}"


class ProcessEndedError(LocalRunnerError):
    """A process ended before it was ready."""


class NotReadyInTimeError(LocalRunnerError):
    """A process runs, but did not become ready within its bound."""


class WillNotStopError(LocalRunnerError):
    """A process outlived SIGKILL, which happens in uninterruptible I/O."""


class ForeignServerError(LocalRunnerError):
    """A server that was not started here uses the data directory."""


class FetchError(LocalRunnerError):
    """Kafka's jars could not be fetched."""


class UnreadableError(LocalRunnerError):
    """The unprivileged user of a server cannot read what it needs."""


class ServerSetupError(LocalRunnerError):
    """A server's data directory could not be made."""


class BootstrapError(LocalRunnerError):
    """The roles and databases of the services could not be made."""


class StackStateError(LocalRunnerError):
    """The file that remembers what runs cannot be used."""

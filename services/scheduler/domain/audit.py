"""The audit of a school: who did what to whom, when, and why they said they did.

An entry is written in the transaction of what it tells of, never changed and never removed. It
holds ids and the words that a person gave as a reason; no name of a person that the roster has.
"""

from dataclasses import dataclass
from datetime import datetime

MAX_AUDIT_REASON_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One act. `actor` and `subject` are resource names; `action` a value of `access.Action`.

    `detail`: one sentence on what changed, ids standing behind the word for what they are.
    `private_to`: the actor who alone may read the reason; empty: whoever may read the audit.
    """

    school_id: str
    time: datetime
    actor: str
    action: str
    subject: str
    detail: str
    reason: str = ""
    private_to: str = ""

"""Entries of the audit as messages."""

from trellis.scheduler.v1 import audit_pb2

from services.scheduler.domain.audit import ReadEntry


def audit_entry_to(read: ReadEntry) -> audit_pb2.AuditEntry:
    """Return an entry as a message."""
    entry = read.entry
    message = audit_pb2.AuditEntry(
        number=read.number,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        detail=entry.detail,
        reason=entry.reason,
        reason_withheld=read.reason_withheld,
        monday=entry.monday.isoformat() if entry.monday else "",
    )
    message.act_time.FromDatetime(entry.time)
    return message

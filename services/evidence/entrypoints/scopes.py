"""Which scope each method of this service needs; a method that is not in here cannot be added."""

from typing import Final

EVIDENCE_WRITE: Final = "evidence.write"
EVIDENCE_READ: Final = "evidence.read"
LEDGER_READ: Final = "ledger.read"
ROSTER_WRITE: Final = "roster.write"
ROSTER_READ: Final = "roster.read"
FRAMEWORK_WRITE: Final = "framework.write"
FRAMEWORK_READ: Final = "framework.read"
SOURCE_WRITE: Final = "source.write"

SCOPES: Final = {
    "RecordEvidence": EVIDENCE_WRITE,
    "RecordEvidenceBatch": EVIDENCE_WRITE,
    "RetractEvidence": EVIDENCE_WRITE,
    "RetractImport": EVIDENCE_WRITE,
    "GetEvidence": EVIDENCE_READ,
    "ListEvidence": EVIDENCE_READ,
    "BatchQuarantineRecords": EVIDENCE_WRITE,
    "GetQuarantinedRecord": EVIDENCE_READ,
    "ListQuarantinedRecords": EVIDENCE_READ,
    "RedriveQuarantinedRecords": EVIDENCE_WRITE,
    "DiscardQuarantinedRecords": EVIDENCE_WRITE,
    "StreamLedger": LEDGER_READ,
    "BatchKeepDocuments": SOURCE_WRITE,
    "BatchQuarantineDocuments": SOURCE_WRITE,
    "BeginSync": SOURCE_WRITE,
    "FinishSync": SOURCE_WRITE,
    "SettleSync": SOURCE_WRITE,
    "ListSyncs": EVIDENCE_READ,
    "PutSource": SOURCE_WRITE,
    "ListSources": EVIDENCE_READ,
    "BatchPutAlignments": SOURCE_WRITE,
    "ListAlignments": EVIDENCE_READ,
    "GetPullCursor": SOURCE_WRITE,
    "PutPullCursor": SOURCE_WRITE,
    "BatchUpsertSchools": ROSTER_WRITE,
    "BatchUpsertLearners": ROSTER_WRITE,
    "BatchUpsertAdults": ROSTER_WRITE,
    "GetSchool": ROSTER_READ,
    "GetLearner": ROSTER_READ,
    "GetAdult": ROSTER_READ,
    "ListSchools": ROSTER_READ,
    "ListLearners": ROSTER_READ,
    "ListAdults": ROSTER_READ,
    "StreamRoster": ROSTER_READ,
    "ListTerms": ROSTER_READ,
    "ListSections": ROSTER_READ,
    "ListEnrolments": ROSTER_READ,
    "BatchPutAliases": ROSTER_WRITE,
    "ListAliases": ROSTER_READ,
    "FindSubjects": ROSTER_READ,
    "MergeLearners": ROSTER_WRITE,
    "UndoMerge": ROSTER_WRITE,
    "ListMerges": ROSTER_READ,
    "BatchUpsertFrameworks": FRAMEWORK_WRITE,
    "BatchUpsertCompetencies": FRAMEWORK_WRITE,
    "GetFramework": FRAMEWORK_READ,
    "GetCompetency": FRAMEWORK_READ,
    "ListFrameworks": FRAMEWORK_READ,
    "ListCompetencies": FRAMEWORK_READ,
    "StreamFrameworks": FRAMEWORK_READ,
}
"""By the bare name of the method."""

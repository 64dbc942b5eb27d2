-- `audit_entry_about` is in its place, in the order in which entries are read.
DROP INDEX audit_entry_subject;

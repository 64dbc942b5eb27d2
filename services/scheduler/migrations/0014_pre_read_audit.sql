-- The audit is read by week, too; its indexes are built beside the traffic, each in a file of its own.
ALTER TABLE audit_entry
  -- Of the week that the act is about; null: of none, or written before there was this column.
  ADD COLUMN monday date;

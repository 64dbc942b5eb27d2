-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_entry_about
  ON audit_entry (district, school_id, subject, act_time, number);

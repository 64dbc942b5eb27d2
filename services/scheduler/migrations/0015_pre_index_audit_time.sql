-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_entry_time
  ON audit_entry (district, school_id, act_time, number);

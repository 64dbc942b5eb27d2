-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_entry_week
  ON audit_entry (district, school_id, monday, act_time, number) WHERE monday IS NOT NULL;

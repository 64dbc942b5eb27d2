-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_entry_actor
  ON audit_entry (district, school_id, actor, act_time, number);

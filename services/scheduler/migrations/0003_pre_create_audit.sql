-- What persons did in a school. Nobody is granted a change or a removal.
CREATE TABLE audit_entry (
  district   text COLLATE "C" NOT NULL,
  school_id  text COLLATE "C" NOT NULL,
  number     bigint GENERATED ALWAYS AS IDENTITY,
  act_time   timestamptz NOT NULL,
  -- Resource names; an action is a value of domain/access.py.
  actor      text COLLATE "C" NOT NULL,
  action     text NOT NULL,
  subject    text COLLATE "C" NOT NULL,
  detail     text NOT NULL,
  reason     text NOT NULL,
  -- The actor who alone may read the reason; empty: whoever may read the audit.
  private_to text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, school_id, number)
);
CREATE INDEX audit_entry_subject ON audit_entry (district, school_id, subject, number DESC);

ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_entry_api ON audit_entry TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY audit_entry_worker ON audit_entry TO scheduler_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON audit_entry TO scheduler_api, scheduler_worker;

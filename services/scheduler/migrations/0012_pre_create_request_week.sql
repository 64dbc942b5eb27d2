-- Weeks in which adults ask for learners, and when the requests of each are settled again: what
-- they rest on (pins, offers, who is away, the roster) changes without any of them.
CREATE TABLE request_week (
  district  text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday    date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  due_time  timestamptz NOT NULL,
  -- The published revision whose outcomes were kept; 0: none yet.
  revision  integer NOT NULL CHECK (revision >= 0),
  PRIMARY KEY (district, school_id, monday)
);
-- Planners look at the weeks that are not over: few, whatever has gathered before.
CREATE INDEX request_week_due ON request_week (monday, due_time);

ALTER TABLE request_week ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_week FORCE ROW LEVEL SECURITY;
CREATE POLICY request_week_api ON request_week TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY request_week_worker ON request_week TO scheduler_worker
  USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON request_week TO scheduler_api, scheduler_worker;

-- A planner that settles keeps what is new of it.
CREATE POLICY request_outcome_worker_adds ON request_outcome FOR INSERT TO scheduler_worker
  WITH CHECK (true);
GRANT INSERT ON request_outcome TO scheduler_worker;

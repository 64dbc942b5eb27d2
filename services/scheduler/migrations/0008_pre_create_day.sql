-- What happens to a published week: attendance, quick checks, who was found where, changes.

-- A change after publishing is a run that has succeeded when it is written: its snapshot is the
-- problem as the change leaves it, its week the changed one, and a revision rests on it as on others.
-- 1 planned, 2 a change of a published week.
ALTER TABLE plan_run ADD COLUMN kind smallint NOT NULL DEFAULT 1 CHECK (kind IN (1, 2));
-- A draft that was planned from an earlier revision does not replace a week that was changed since.
GRANT UPDATE (draft_number) ON week TO scheduler_api;

CREATE TABLE attendance (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  date        date NOT NULL,
  session_id  text COLLATE "C" NOT NULL,
  monday      date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  slot_id     text COLLATE "C" NOT NULL,
  adult_id    text COLLATE "C" NOT NULL,
  minutes     integer NOT NULL CHECK (minutes >= 0),
  -- The service that the session delivers; empty: none.
  service     text NOT NULL,
  held        boolean NOT NULL,
  -- [{"learner", "presence", "late_minutes"}, …] for everybody who had a seat, by learner.
  marks       jsonb NOT NULL,
  -- Of the week, which says who had a seat.
  revision    integer NOT NULL CHECK (revision > 0),
  version     bigint NOT NULL CHECK (version > 0),
  actor       text COLLATE "C" NOT NULL,
  take_time   timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, date, session_id),
  CHECK (held OR marks = '[]')
);
CREATE INDEX attendance_week ON attendance (district, school_id, monday, date, session_id);

CREATE TABLE quick_check (
  district      text COLLATE "C" NOT NULL,
  school_id     text COLLATE "C" NOT NULL,
  monday        date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  session_id    text COLLATE "C" NOT NULL,
  learner_id    text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  -- 1 to 4; 0: withdrawn.
  level         smallint NOT NULL CHECK (level BETWEEN 0 AND 4),
  version       bigint NOT NULL CHECK (version > 0),
  -- Empty: who noted it is no adult of the roster.
  adult_id      text COLLATE "C" NOT NULL,
  show_time     timestamptz NOT NULL,
  record_time   timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, monday, session_id, learner_id)
);

-- Days whose attendance stands as it is.
CREATE TABLE day_close (
  district   text COLLATE "C" NOT NULL,
  school_id  text COLLATE "C" NOT NULL,
  date       date NOT NULL,
  actor      text COLLATE "C" NOT NULL,
  close_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, date)
);

CREATE TABLE wanderer (
  district   text COLLATE "C" NOT NULL,
  school_id  text COLLATE "C" NOT NULL,
  number     bigint GENERATED ALWAYS AS IDENTITY,
  date       date NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  found_at   text NOT NULL,
  find_time  timestamptz NOT NULL,
  -- Where they belong; empty: nowhere then.
  slot_id    text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  actor      text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, school_id, number)
);
CREATE INDEX wanderer_date ON wanderer (district, school_id, date, number DESC);

ALTER TABLE attendance ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendance FORCE ROW LEVEL SECURITY;
ALTER TABLE quick_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE quick_check FORCE ROW LEVEL SECURITY;
ALTER TABLE day_close ENABLE ROW LEVEL SECURITY;
ALTER TABLE day_close FORCE ROW LEVEL SECURITY;
ALTER TABLE wanderer ENABLE ROW LEVEL SECURITY;
ALTER TABLE wanderer FORCE ROW LEVEL SECURITY;

CREATE POLICY attendance_api ON attendance TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY quick_check_api ON quick_check TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY day_close_api ON day_close TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY wanderer_api ON wanderer TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

-- A planner reads what of a service was given, and what of it cannot be given any more.
CREATE POLICY attendance_worker ON attendance FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY day_close_worker ON day_close FOR SELECT TO scheduler_worker USING (true);

GRANT SELECT, INSERT ON attendance, quick_check, day_close, wanderer TO scheduler_api;
GRANT UPDATE (slot_id, adult_id, minutes, service, held, marks, revision, version, actor, take_time)
  ON attendance TO scheduler_api;
GRANT UPDATE (competency_id, level, version, adult_id, show_time, record_time)
  ON quick_check TO scheduler_api;
GRANT SELECT ON attendance, day_close TO scheduler_worker;

-- The weekly cycle: in which schools it runs, what became of each step, and the review of drafts.

-- The clock looks only at schools whose look_time has come, so a tick costs what is due.
CREATE TABLE school_cycle (
  district        text COLLATE "C" NOT NULL,
  school_id       text COLLATE "C" NOT NULL,
  running         boolean NOT NULL,
  fall_back       text NOT NULL CHECK (fall_back IN ('nothing', 'last_week')),
  -- Who signed the fall-back in advance, and when; null where it is nothing.
  fall_back_adult text COLLATE "C",
  fall_back_time  timestamptz,
  -- Every week before is settled; nothing is due before look_time, as far as is known.
  from_monday     date NOT NULL CHECK (extract(isodow FROM from_monday) = 1),
  look_time       timestamptz NOT NULL,
  version         bigint NOT NULL CHECK (version > 0),
  change_time     timestamptz NOT NULL,
  PRIMARY KEY (district, school_id),
  CHECK ((fall_back_adult IS NULL) = (fall_back_time IS NULL)),
  CHECK (fall_back = 'nothing' OR fall_back_adult IS NOT NULL)
);
CREATE INDEX school_cycle_look ON school_cycle (look_time) WHERE running;

-- The key is what makes a step happen once: its effect and its row are one transaction.
CREATE TABLE cycle_step (
  district  text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday    date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  step      text NOT NULL,
  due_time  timestamptz NOT NULL,
  state     text NOT NULL CHECK (state IN ('done', 'skipped', 'waiting')),
  done_time timestamptz NOT NULL,
  outcome   text NOT NULL,
  -- The run that it queued, or whose draft was reviewed; null: none.
  run_id    text COLLATE "C",
  -- What it published; 0: nothing.
  revision  integer NOT NULL CHECK (revision >= 0),
  PRIMARY KEY (district, school_id, monday, step),
  FOREIGN KEY (district, school_id, run_id) REFERENCES plan_run
);
CREATE INDEX cycle_step_run ON cycle_step (district, school_id, run_id) WHERE run_id IS NOT NULL;

CREATE FUNCTION refuse_changed_cycle_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'waiting' THEN
    RAISE EXCEPTION 'a step that is done or skipped never changes' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER cycle_step_unchanged BEFORE UPDATE ON cycle_step
  FOR EACH ROW EXECUTE FUNCTION refuse_changed_cycle_step();

-- What a person decided of a seat between draft and final run; the words of a reason are in the audit.
CREATE TABLE review_seat (
  district       text COLLATE "C" NOT NULL,
  school_id      text COLLATE "C" NOT NULL,
  monday         date NOT NULL,
  learner_id     text COLLATE "C" NOT NULL,
  slot_id        text COLLATE "C" NOT NULL,
  state          text NOT NULL CHECK (state IN ('accepted', 'moved', 'released')),
  offer_id       text COLLATE "C" NOT NULL,
  competency_id  text COLLATE "C",
  -- Who decided; empty: no adult of the roster.
  adult_id       text COLLATE "C" NOT NULL,
  act_time       timestamptz NOT NULL,
  staff_sentence text NOT NULL,
  -- Why the seat was given, as the learner reads it still after it was accepted.
  learner_sentence text NOT NULL,
  note           text NOT NULL,
  PRIMARY KEY (district, school_id, monday, learner_id, slot_id)
);

CREATE TABLE review_session (
  district      text COLLATE "C" NOT NULL,
  school_id     text COLLATE "C" NOT NULL,
  monday        date NOT NULL,
  slot_id       text COLLATE "C" NOT NULL,
  offer_id      text COLLATE "C" NOT NULL,
  state         text NOT NULL CHECK (state IN ('declined', 'added')),
  competency_id text COLLATE "C",
  tier_id       text COLLATE "C" NOT NULL,
  adult_id      text COLLATE "C" NOT NULL,
  act_time      timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, monday, slot_id, offer_id)
);

-- When a published week began; null: it has not.
ALTER TABLE week ADD COLUMN lock_time timestamptz;

ALTER TABLE school_cycle ENABLE ROW LEVEL SECURITY;
ALTER TABLE school_cycle FORCE ROW LEVEL SECURITY;
ALTER TABLE cycle_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE cycle_step FORCE ROW LEVEL SECURITY;
ALTER TABLE review_seat ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_seat FORCE ROW LEVEL SECURITY;
ALTER TABLE review_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_session FORCE ROW LEVEL SECURITY;

CREATE POLICY school_cycle_api ON school_cycle TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY cycle_step_api ON cycle_step TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY review_seat_api ON review_seat TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY review_session_api ON review_session TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

-- The clock starts the steps of every district: it queues runs and publishes what persons signed.
CREATE POLICY school_cycle_worker ON school_cycle TO scheduler_worker
  USING (true) WITH CHECK (true);
CREATE POLICY cycle_step_worker ON cycle_step TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY review_seat_worker ON review_seat FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY review_session_worker ON review_session FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY week_revision_clock ON week_revision FOR INSERT TO scheduler_worker WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON school_cycle TO scheduler_api;
GRANT SELECT ON cycle_step TO scheduler_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON review_seat TO scheduler_api;
GRANT SELECT, INSERT, UPDATE ON review_session TO scheduler_api;

GRANT SELECT, UPDATE (look_time, from_monday) ON school_cycle TO scheduler_worker;
GRANT SELECT, INSERT, UPDATE ON cycle_step TO scheduler_worker;
GRANT SELECT ON review_seat, review_session TO scheduler_worker;
GRANT INSERT ON plan_run TO scheduler_worker;
GRANT INSERT ON week_revision TO scheduler_worker;
GRANT UPDATE (revision, lock_time) ON week TO scheduler_worker;

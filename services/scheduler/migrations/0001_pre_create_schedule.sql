-- Settings of schools, plan runs, weeks and their published revisions.
--
-- The district comes first in every key, the school second: a school's week is never read without
-- them. Ids are compared byte by byte (COLLATE "C"), so that lists come in one order everywhere.
-- Learners and adults are ids of other services; nobody's name stands in here.

CREATE TABLE policy (
  district                          text COLLATE "C" NOT NULL,
  school_id                         text COLLATE "C" NOT NULL,
  school_display_name               text NOT NULL,
  time_zone                         text NOT NULL,
  -- [{"slot_id", "iso_weekday", "start", "end", "label"}, …] in the school's order.
  slots                             jsonb NOT NULL,
  small_group_cap                   integer NOT NULL,
  one_to_one_cap                    integer NOT NULL,
  check_cap                         integer NOT NULL,
  enrichment_cap                    integer NOT NULL,
  session_minimum                   integer NOT NULL,
  floor_evidence_count              integer NOT NULL,
  floor_day_count                   integer NOT NULL,
  floor_newest_days                 integer NOT NULL,
  floor_level_milli                 integer NOT NULL,
  floor_at_least_eight_tenths_micro integer NOT NULL,
  preparations_per_day              integer NOT NULL,
  need_seats_per_week               integer NOT NULL,
  banned_words                      text[] NOT NULL,
  reteach_share_milli               integer NOT NULL,
  version                           bigint NOT NULL CHECK (version > 0),
  change_time                       timestamptz NOT NULL,
  PRIMARY KEY (district, school_id)
);

CREATE TABLE room (
  district     text COLLATE "C" NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  room_id      text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  capacity     integer NOT NULL CHECK (capacity > 0),
  shared       boolean NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, room_id)
);

CREATE TABLE offer (
  district     text COLLATE "C" NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  offer_id     text COLLATE "C" NOT NULL,
  adult_id     text COLLATE "C" NOT NULL,
  -- Null: the session needs no room.
  room_id      text COLLATE "C",
  kind         text NOT NULL,
  subject      text NOT NULL,
  competencies text[] COLLATE "C" NOT NULL,
  title        text NOT NULL,
  cap          integer NOT NULL CHECK (cap >= 0),
  slot_ids     text[] COLLATE "C" NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, offer_id),
  FOREIGN KEY (district, school_id, room_id) REFERENCES room
);
CREATE INDEX offer_room ON offer (district, school_id, room_id) WHERE room_id IS NOT NULL;

CREATE TABLE absence (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  absence_id  text COLLATE "C" NOT NULL,
  adult_id    text COLLATE "C" NOT NULL,
  date        date NOT NULL,
  slot_ids    text[] COLLATE "C" NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  change_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, absence_id)
);

CREATE TABLE pin (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  pin_id      text COLLATE "C" NOT NULL,
  learner_id  text COLLATE "C" NOT NULL,
  date        date NOT NULL,
  slot_id     text COLLATE "C" NOT NULL,
  -- Exactly one of the two.
  offer_id    text COLLATE "C",
  exemption   text COLLATE "C",
  reason      text NOT NULL,
  service     boolean NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  change_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, pin_id),
  FOREIGN KEY (district, school_id, offer_id) REFERENCES offer,
  CHECK ((offer_id IS NULL) <> (exemption IS NULL))
);
CREATE INDEX pin_offer ON pin (district, school_id, offer_id) WHERE offer_id IS NOT NULL;

-- A run keeps what it was made from and what came out, so that a week can be told from its inputs
-- for as long as it is kept.
CREATE TABLE plan_run (
  district          text COLLATE "C" NOT NULL,
  school_id         text COLLATE "C" NOT NULL,
  run_id            text COLLATE "C" NOT NULL,
  number            bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  monday            date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  as_of_time        timestamptz NOT NULL,
  seed              bigint NOT NULL,
  budget            bigint NOT NULL CHECK (budget > 0),
  -- Up to where the needs must hold the ledger of evidence, and up to where they do; 0: not asked, not known.
  min_position      bigint NOT NULL DEFAULT 0 CHECK (min_position >= 0),
  needs_position    bigint NOT NULL DEFAULT 0 CHECK (needs_position >= 0),
  -- 1 pending, 2 running, 3 succeeded, 4 failed, 5 cancelled.
  state             smallint NOT NULL CHECK (state BETWEEN 1 AND 5),
  create_time       timestamptz NOT NULL,
  start_time        timestamptz,
  end_time          timestamptz,
  -- Canonical JSON, compressed with zlib; written once, before the search begins.
  snapshot          bytea,
  snapshot_hash     text,
  -- Likewise, written once, when the search ends.
  week              bytea,
  week_hash         text,
  report            jsonb,
  failure           text NOT NULL DEFAULT '',
  -- Who works on it, until when, for the how manieth time; and when to try again.
  lease_owner       text,
  lease_expire_time timestamptz,
  attempts          integer NOT NULL DEFAULT 0,
  not_before        timestamptz,
  PRIMARY KEY (district, school_id, run_id),
  CHECK ((snapshot IS NULL) = (snapshot_hash IS NULL)),
  CHECK ((week IS NULL) = (week_hash IS NULL)),
  CHECK ((week IS NOT NULL) = (state = 3)),
  CHECK ((end_time IS NOT NULL) = (state > 2))
);
CREATE INDEX plan_run_newest ON plan_run (district, school_id, number DESC);
CREATE INDEX plan_run_waiting ON plan_run (number) WHERE state IN (1, 2);

CREATE FUNCTION refuse_changed_plan_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state > 2
     OR (OLD.snapshot IS NOT NULL
         AND (NEW.snapshot, NEW.snapshot_hash) IS DISTINCT FROM (OLD.snapshot, OLD.snapshot_hash))
  THEN
    RAISE EXCEPTION 'a snapshot and an ended plan run never change' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER plan_run_unchanged BEFORE UPDATE ON plan_run
  FOR EACH ROW EXECUTE FUNCTION refuse_changed_plan_run();

-- The pointers of a week. What they point at never changes.
CREATE TABLE week (
  district       text COLLATE "C" NOT NULL,
  school_id      text COLLATE "C" NOT NULL,
  monday         date NOT NULL,
  -- The run whose week is the draft; null once it is published.
  draft_run_id   text COLLATE "C",
  -- Number of the newest run that became a draft: an older one that ends later does not replace it.
  draft_number   bigint NOT NULL,
  sign_off_adult text COLLATE "C",
  sign_off_time  timestamptz,
  sign_off_hash  text,
  -- The newest published; 0 while there is none.
  revision       integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
  PRIMARY KEY (district, school_id, monday),
  FOREIGN KEY (district, school_id, draft_run_id) REFERENCES plan_run,
  CHECK ((sign_off_adult IS NULL) = (sign_off_time IS NULL)),
  CHECK ((sign_off_adult IS NULL) = (sign_off_hash IS NULL)),
  CHECK (draft_run_id IS NOT NULL OR revision > 0)
);

-- Published weeks. Nobody is granted a change or a deletion.
CREATE TABLE week_revision (
  district       text COLLATE "C" NOT NULL,
  school_id      text COLLATE "C" NOT NULL,
  monday         date NOT NULL,
  revision       integer NOT NULL CHECK (revision > 0),
  run_id         text COLLATE "C" NOT NULL,
  week           bytea NOT NULL,
  week_hash      text NOT NULL,
  report         jsonb NOT NULL,
  sign_off_adult text COLLATE "C" NOT NULL,
  sign_off_time  timestamptz NOT NULL,
  publish_time   timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, monday, revision),
  FOREIGN KEY (district, school_id, run_id) REFERENCES plan_run
);

-- The first answer to a request id of a school. Each write drops some rows that are too old.
CREATE TABLE request_log (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  request_id  text COLLATE "C" NOT NULL,
  method      text NOT NULL,
  digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
  ids         text[] NOT NULL,
  versions    bigint[] NOT NULL CHECK (cardinality(versions) = cardinality(ids)),
  answer_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, request_id)
);
CREATE INDEX request_log_answer_time ON request_log (district, school_id, answer_time);

-- Row-level security is the second wall behind the credential: without a district, no row.
ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
ALTER TABLE room ENABLE ROW LEVEL SECURITY;
ALTER TABLE room FORCE ROW LEVEL SECURITY;
ALTER TABLE offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE offer FORCE ROW LEVEL SECURITY;
ALTER TABLE absence ENABLE ROW LEVEL SECURITY;
ALTER TABLE absence FORCE ROW LEVEL SECURITY;
ALTER TABLE pin ENABLE ROW LEVEL SECURITY;
ALTER TABLE pin FORCE ROW LEVEL SECURITY;
ALTER TABLE plan_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_run FORCE ROW LEVEL SECURITY;
ALTER TABLE week ENABLE ROW LEVEL SECURITY;
ALTER TABLE week FORCE ROW LEVEL SECURITY;
ALTER TABLE week_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE week_revision FORCE ROW LEVEL SECURITY;
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;

CREATE POLICY policy_api ON policy TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY room_api ON room TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY offer_api ON offer TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY absence_api ON absence TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY pin_api ON pin TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY plan_run_api ON plan_run TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY week_api ON week TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY week_revision_api ON week_revision TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY request_log_api ON request_log TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

-- A planner takes up the runs of every district.
CREATE POLICY policy_worker ON policy FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY room_worker ON room FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY offer_worker ON offer FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY absence_worker ON absence FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY pin_worker ON pin FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY plan_run_worker ON plan_run TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY week_worker ON week TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY week_revision_worker ON week_revision FOR SELECT TO scheduler_worker USING (true);

GRANT SELECT, INSERT, UPDATE ON policy TO scheduler_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON room, offer, absence, pin TO scheduler_api;
GRANT SELECT, INSERT, UPDATE (state, end_time) ON plan_run TO scheduler_api;
GRANT SELECT, UPDATE (draft_run_id, sign_off_adult, sign_off_time, sign_off_hash, revision)
  ON week TO scheduler_api;
GRANT SELECT, INSERT ON week_revision TO scheduler_api;
GRANT SELECT, INSERT, DELETE ON request_log TO scheduler_api;

GRANT SELECT ON policy, room, offer, absence, pin, week_revision TO scheduler_worker;
GRANT SELECT, UPDATE ON plan_run TO scheduler_worker;
GRANT SELECT, INSERT, UPDATE (draft_run_id, draft_number, sign_off_adult, sign_off_time, sign_off_hash)
  ON week TO scheduler_worker;

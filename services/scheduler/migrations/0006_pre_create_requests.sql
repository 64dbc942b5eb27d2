-- What learners and adults ask for: the time for choosing, rankings, requests, needs, bookings.

-- When learners rank for a week. Writers of rankings hold the row for sharing, who closes it alone.
CREATE TABLE choice_window (
  district            text COLLATE "C" NOT NULL,
  school_id           text COLLATE "C" NOT NULL,
  monday              date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  -- Opening and close as they were told; it may have opened later than that.
  promised_open_time  timestamptz NOT NULL,
  open_time           timestamptz NOT NULL,
  promised_close_time timestamptz NOT NULL,
  close_time          timestamptz NOT NULL,
  latest_close_time   timestamptz NOT NULL,
  -- When it was closed for good; null: not yet.
  closed_time         timestamptz,
  note                text NOT NULL,
  PRIMARY KEY (district, school_id, monday),
  CHECK (promised_open_time <= open_time),
  CHECK (open_time < promised_close_time),
  CHECK (promised_close_time <= close_time),
  CHECK (close_time <= latest_close_time)
);

-- Every sending of a ranking. Nobody is granted a change or a removal: the newest version stands.
CREATE TABLE ranking (
  district     text COLLATE "C" NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  monday       date NOT NULL,
  learner_id   text COLLATE "C" NOT NULL,
  version      integer NOT NULL CHECK (version > 0),
  -- The order in which sendings were written.
  number       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  -- [{"offer_id", "competency_id", "slot_ids"}, …], dearest first.
  choices      jsonb NOT NULL,
  actor        text COLLATE "C" NOT NULL,
  request_id   text COLLATE "C" NOT NULL,
  digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
  receive_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, monday, learner_id, version),
  UNIQUE (district, school_id, monday, learner_id, request_id),
  FOREIGN KEY (district, school_id, monday) REFERENCES choice_window
);

-- What a named adult said of a sending; version 0: of last week's choices that stand.
CREATE TABLE ranking_answer (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  monday      date NOT NULL,
  learner_id  text COLLATE "C" NOT NULL,
  version     integer NOT NULL CHECK (version >= 0),
  state       text NOT NULL CHECK (state IN ('confirmed', 'answered')),
  sentence    text NOT NULL,
  actor       text COLLATE "C" NOT NULL,
  answer_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, monday, learner_id, version)
);

-- What adults ask for in a slot.
CREATE TABLE adult_request (
  district      text COLLATE "C" NOT NULL,
  school_id     text COLLATE "C" NOT NULL,
  adult_request_id text COLLATE "C" NOT NULL,
  monday        date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  learner_id    text COLLATE "C" NOT NULL,
  slot_id       text COLLATE "C" NOT NULL,
  offer_id      text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  -- 1 service, 2 administrator, 3 teacher of the subject that owns the slot, 4 other teacher.
  level         smallint NOT NULL CHECK (level BETWEEN 1 AND 4),
  adult_id      text COLLATE "C" NOT NULL,
  actor         text COLLATE "C" NOT NULL,
  weight_milli  bigint NOT NULL CHECK (weight_milli >= 0),
  weeks_waiting integer NOT NULL CHECK (weeks_waiting >= 0),
  create_time   timestamptz NOT NULL,
  cancel_time   timestamptz,
  -- Whether it is to be taken back from a published week, by somebody who may change that.
  cancel_wished boolean NOT NULL,
  version       bigint NOT NULL CHECK (version > 0),
  change_time   timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, adult_request_id)
);
CREATE INDEX adult_request_week ON adult_request (district, school_id, monday, adult_request_id);

-- What became of each request, one row for each time that it changed. Nobody changes one.
CREATE TABLE request_outcome (
  district         text COLLATE "C" NOT NULL,
  school_id        text COLLATE "C" NOT NULL,
  adult_request_id text COLLATE "C" NOT NULL,
  number           integer NOT NULL CHECK (number > 0),
  state            text NOT NULL CHECK (state IN ('seated', 'next', 'cancelled', 'refused')),
  -- The request or pin that has the learner, where the state is next; else empty.
  winner_id        text COLLATE "C" NOT NULL,
  sentence         text NOT NULL,
  settle_time      timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, adult_request_id, number),
  FOREIGN KEY (district, school_id, adult_request_id) REFERENCES adult_request
);

-- Needs that people see: nominations, and what learners report of themselves.
CREATE TABLE seen_need (
  district        text COLLATE "C" NOT NULL,
  school_id       text COLLATE "C" NOT NULL,
  seen_need_id    text COLLATE "C" NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('nomination', 'reported')),
  learner_id      text COLLATE "C" NOT NULL,
  competency_id   text COLLATE "C" NOT NULL,
  reason          text NOT NULL,
  actor           text COLLATE "C" NOT NULL,
  create_time     timestamptz NOT NULL,
  create_date     date NOT NULL,
  expire_date     date NOT NULL CHECK (expire_date > create_date),
  state           text NOT NULL CHECK (state IN ('waiting', 'standing', 'withdrawn', 'settled')),
  answer_actor    text COLLATE "C" NOT NULL,
  answer_sentence text NOT NULL,
  answer_time     timestamptz,
  version         bigint NOT NULL CHECK (version > 0),
  change_time     timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, seen_need_id)
);
CREATE INDEX seen_need_standing ON seen_need (district, school_id, expire_date);
CREATE INDEX seen_need_learner ON seen_need (district, school_id, learner_id, kind, expire_date);

-- Re-assessments and coaching that are asked for.
CREATE TABLE booking (
  district        text COLLATE "C" NOT NULL,
  school_id       text COLLATE "C" NOT NULL,
  booking_id      text COLLATE "C" NOT NULL,
  monday          date NOT NULL CHECK (extract(isodow FROM monday) = 1),
  kind            text NOT NULL CHECK (kind IN ('reassessment', 'coaching')),
  learner_id      text COLLATE "C" NOT NULL,
  competency_id   text COLLATE "C" NOT NULL,
  -- Both empty: whenever there is one.
  offer_id        text COLLATE "C" NOT NULL,
  slot_id         text COLLATE "C" NOT NULL,
  actor           text COLLATE "C" NOT NULL,
  create_time     timestamptz NOT NULL,
  state           text NOT NULL CHECK (state IN ('asked', 'agreed', 'declined', 'cancelled')),
  answer_actor    text COLLATE "C" NOT NULL,
  answer_sentence text NOT NULL,
  version         bigint NOT NULL CHECK (version > 0),
  change_time     timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, booking_id),
  CHECK ((offer_id = '') = (slot_id = ''))
);
CREATE INDEX booking_week ON booking (district, school_id, monday, booking_id);

-- Sessions that learners propose.
CREATE TABLE proposal (
  district        text COLLATE "C" NOT NULL,
  school_id       text COLLATE "C" NOT NULL,
  proposal_id     text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C" NOT NULL,
  title           text NOT NULL,
  what            text NOT NULL,
  create_time     timestamptz NOT NULL,
  state           text NOT NULL CHECK (state IN ('waiting', 'sponsored', 'declined')),
  -- The offer that it became; empty: none.
  offer_id        text COLLATE "C" NOT NULL,
  answer_actor    text COLLATE "C" NOT NULL,
  answer_sentence text NOT NULL,
  version         bigint NOT NULL CHECK (version > 0),
  change_time     timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, proposal_id)
);
CREATE INDEX proposal_create_time ON proposal (district, school_id, create_time);
CREATE INDEX proposal_learner ON proposal (district, school_id, learner_id, create_time);

-- When each process could take rankings. It has no district: a process serves all of them.
CREATE TABLE uptime (
  owner      text COLLATE "C" PRIMARY KEY,
  start_time timestamptz NOT NULL,
  beat_time  timestamptz NOT NULL CHECK (beat_time >= start_time)
);
CREATE INDEX uptime_beat_time ON uptime (beat_time);

ALTER TABLE choice_window ENABLE ROW LEVEL SECURITY;
ALTER TABLE choice_window FORCE ROW LEVEL SECURITY;
ALTER TABLE ranking ENABLE ROW LEVEL SECURITY;
ALTER TABLE ranking FORCE ROW LEVEL SECURITY;
ALTER TABLE ranking_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE ranking_answer FORCE ROW LEVEL SECURITY;
ALTER TABLE adult_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE adult_request FORCE ROW LEVEL SECURITY;
ALTER TABLE request_outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_outcome FORCE ROW LEVEL SECURITY;
ALTER TABLE seen_need ENABLE ROW LEVEL SECURITY;
ALTER TABLE seen_need FORCE ROW LEVEL SECURITY;
ALTER TABLE booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking FORCE ROW LEVEL SECURITY;
ALTER TABLE proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE proposal FORCE ROW LEVEL SECURITY;

CREATE POLICY choice_window_api ON choice_window TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY ranking_api ON ranking TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY ranking_answer_api ON ranking_answer TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY adult_request_api ON adult_request TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY request_outcome_api ON request_outcome TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY seen_need_api ON seen_need TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY booking_api ON booking TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY proposal_api ON proposal TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

-- The clock opens and closes windows of every district; a planner reads what was asked for.
CREATE POLICY choice_window_worker ON choice_window TO scheduler_worker
  USING (true) WITH CHECK (true);
CREATE POLICY ranking_worker ON ranking FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY ranking_answer_worker ON ranking_answer FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY adult_request_worker ON adult_request FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY request_outcome_worker ON request_outcome FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY seen_need_worker ON seen_need FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY booking_worker ON booking FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY proposal_worker ON proposal FOR SELECT TO scheduler_worker USING (true);

GRANT SELECT, INSERT, UPDATE ON choice_window, ranking_answer, adult_request, seen_need, booking,
  proposal TO scheduler_api;
GRANT SELECT, INSERT ON ranking, request_outcome TO scheduler_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON uptime TO scheduler_api;

GRANT SELECT, INSERT, UPDATE ON choice_window TO scheduler_worker;
GRANT SELECT ON ranking, ranking_answer, adult_request, request_outcome, seen_need, booking,
  proposal, uptime TO scheduler_worker;

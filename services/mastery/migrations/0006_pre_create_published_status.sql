-- What is published of where learners stand, which remembers, and why it changed. Outside of the two
-- states: a rebuild makes facts anew, and no set of facts says what has been published.

-- A row for each learner and competency that was ever published.
CREATE TABLE published_status (
  since_us       bigint NOT NULL,
  -- Counts the flips of the key; the row is changed only by who knows the last one.
  flip_number    bigint NOT NULL CHECK (flip_number >= 0),
  -- The last flip that the topic tells of.
  told_flip      bigint NOT NULL DEFAULT 0 CHECK (told_flip <= flip_number),
  -- Of the mastery that was published last.
  version        bigint NOT NULL,
  policy_version bigint NOT NULL,
  -- The evidence that a status from proficient on rests on: the time of its newest piece, and what
  -- all of it contributed, in units of 2^-20.
  basis_us       bigint,
  basis_r_sum    bigint,
  -- The decision's numbers, 1 insufficient to 5 exemplary.
  status         smallint NOT NULL CHECK (status BETWEEN 1 AND 5),
  district       text COLLATE "C" NOT NULL,
  learner_id     text COLLATE "C" NOT NULL,
  competency     text COLLATE "C" NOT NULL,
  -- Tells by which rules it was read.
  reading        bytea NOT NULL,
  -- The sentence of the last flip.
  explanation    text NOT NULL,
  PRIMARY KEY (district, learner_id, competency),
  CHECK ((basis_us IS NULL) = (basis_r_sum IS NULL))
) WITH (fillfactor = 70);

-- The audit. Append-only: a flip is never changed, and goes only when it is older than is asked for.
CREATE TABLE status_flip (
  flip_id             bigint GENERATED ALWAYS AS IDENTITY,
  flip_number         bigint NOT NULL CHECK (flip_number > 0),
  -- When it was looked at: microseconds since 1970-01-01 UTC.
  flip_us             bigint NOT NULL,
  -- Of the mastery that was read.
  version             bigint NOT NULL,
  policy_version      bigint NOT NULL,
  evidence_count      bigint NOT NULL,
  -- P(p >= .5), .7, .8, .9 and the chance of success, in millionths.
  p_half_micro        integer NOT NULL,
  p_seven_micro       integer NOT NULL,
  p_eight_micro       integer NOT NULL,
  p_nine_micro        integer NOT NULL,
  success_micro       integer NOT NULL,
  current_level_milli integer,
  before_status       smallint NOT NULL,
  after_status        smallint NOT NULL CHECK (after_status <> before_status),
  decision            smallint NOT NULL,
  cause               smallint NOT NULL CHECK (cause BETWEEN 1 AND 6),
  district            text COLLATE "C" NOT NULL,
  learner_id          text COLLATE "C" NOT NULL,
  competency          text COLLATE "C" NOT NULL,
  explanation         text NOT NULL,
  -- The newest pieces, newest first.
  evidence            uuid[] NOT NULL CHECK (cardinality(evidence) <= 5),
  -- A flip that came twice would be refused here.
  PRIMARY KEY (district, learner_id, competency, flip_number)
);
CREATE INDEX status_flip_of_district ON status_flip (district, flip_us, flip_id);
CREATE INDEX status_flip_of_learner ON status_flip (district, learner_id, flip_us, flip_id);

ALTER TABLE published_status ENABLE ROW LEVEL SECURITY;
ALTER TABLE published_status FORCE ROW LEVEL SECURITY;
ALTER TABLE status_flip ENABLE ROW LEVEL SECURITY;
ALTER TABLE status_flip FORCE ROW LEVEL SECURITY;

CREATE POLICY published_status_api ON published_status FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY status_flip_api ON status_flip FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY published_status_worker ON published_status TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY status_flip_worker ON status_flip TO mastery_worker USING (true) WITH CHECK (true);

GRANT SELECT ON published_status, status_flip TO mastery_api;
GRANT SELECT, INSERT, UPDATE ON published_status TO mastery_worker;
-- Nobody may change a flip.
GRANT SELECT, INSERT, DELETE ON status_flip TO mastery_worker;

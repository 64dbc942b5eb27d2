-- Retention: seals, and what is kept of evidence that a seal has closed.

-- What was decided about each district, kept for ever. From a seal on, work from before its horizon is
-- closed to facts whose ledger position is above the seal's; facts up to there are what the seal knows.
-- A seal that is lifted is no part of the next rebuild.
CREATE TABLE retention_seal (
  seq             bigint NOT NULL CHECK (seq > 0),
  horizon_us      bigint NOT NULL,
  ledger_position bigint NOT NULL CHECK (ledger_position >= 0),
  create_time     timestamptz NOT NULL,
  lift_time       timestamptz,
  district        text COLLATE "C" NOT NULL,
  -- What role sealed; no person's name.
  actor           text NOT NULL,
  PRIMARY KEY (district, seq)
);

ALTER TABLE retention_seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention_seal FORCE ROW LEVEL SECURITY;
CREATE POLICY retention_seal_worker ON retention_seal TO mastery_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON retention_seal TO mastery_worker;

-- state_a: the same in both states; a test holds them equal.

-- The seals that this state is folded with. `pruned`: all that it closed and that no window needs has
-- gone from the registry into the two tables below; until then, `pruned_learner` is the last learner
-- of whom that is so.
CREATE TABLE state_a.seal (
  seq             bigint NOT NULL,
  horizon_us      bigint NOT NULL,
  ledger_position bigint NOT NULL,
  pruned          boolean NOT NULL DEFAULT false,
  pruned_learner  text COLLATE "C" NOT NULL DEFAULT '',
  district        text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, seq)
);

-- Base rows: exact sums of the pieces that went, by occasion. Together with the live rows of the
-- registry they add up to the state: of a competency, of an occasion, and (learner_…) of a learner.
-- `share_sum` and `learner_share_sum` are of external tests alone, else NULL.
CREATE TABLE state_a.sealed_occasion (
  score_sum         bigint  NOT NULL,
  score_count       bigint  NOT NULL,
  newest_time_us    bigint  NOT NULL,
  r_sum             bigint  NOT NULL,
  i_sum             bigint  NOT NULL,
  deep_count        bigint  NOT NULL,
  untimed_count     bigint  NOT NULL,
  share_sum         bigint,
  learner_count     bigint  NOT NULL,
  learner_r_sum     bigint  NOT NULL,
  learner_i_sum     bigint  NOT NULL,
  learner_share_sum bigint,
  local_day         integer NOT NULL,
  district          text COLLATE "C" NOT NULL,
  learner_id        text COLLATE "C" NOT NULL,
  competency        text COLLATE "C" NOT NULL,
  occasion          text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, learner_id, competency, occasion)
);

-- Which pieces went, and what stood of each: 40 bytes a piece, so that a repeat is told from a
-- correction for ever. A bucket is the last byte of the ids in it; the arrays are in order of id, and
-- a content hash is 16 bytes.
CREATE TABLE state_a.sealed_evidence (
  bucket         smallint NOT NULL CHECK (bucket BETWEEN 0 AND 255),
  district       text COLLATE "C" NOT NULL,
  learner_id     text COLLATE "C" NOT NULL,
  evidence_ids   uuid[]   NOT NULL,
  versions       bigint[] NOT NULL,
  content_hashes uuid[]   NOT NULL,
  PRIMARY KEY (district, learner_id, bucket),
  CHECK (cardinality(evidence_ids) = cardinality(versions)
     AND cardinality(evidence_ids) = cardinality(content_hashes))
);

ALTER TABLE state_a.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.seal FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_evidence FORCE ROW LEVEL SECURITY;

CREATE POLICY seal_api ON state_a.seal FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY sealed_occasion_api ON state_a.sealed_occasion FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY sealed_evidence_api ON state_a.sealed_evidence FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY seal_worker ON state_a.seal TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_occasion_worker ON state_a.sealed_occasion TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY sealed_evidence_worker ON state_a.sealed_evidence TO mastery_worker
  USING (true) WITH CHECK (true);

GRANT SELECT ON state_a.seal, state_a.sealed_occasion, state_a.sealed_evidence TO mastery_api;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, MAINTAIN
  ON state_a.seal, state_a.sealed_occasion, state_a.sealed_evidence TO mastery_worker;

-- state_b: the same in both states; a test holds them equal.

-- The seals that this state is folded with. `pruned`: all that it closed and that no window needs has
-- gone from the registry into the two tables below; until then, `pruned_learner` is the last learner
-- of whom that is so.
CREATE TABLE state_b.seal (
  seq             bigint NOT NULL,
  horizon_us      bigint NOT NULL,
  ledger_position bigint NOT NULL,
  pruned          boolean NOT NULL DEFAULT false,
  pruned_learner  text COLLATE "C" NOT NULL DEFAULT '',
  district        text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, seq)
);

-- Base rows: exact sums of the pieces that went, by occasion. Together with the live rows of the
-- registry they add up to the state: of a competency, of an occasion, and (learner_…) of a learner.
-- `share_sum` and `learner_share_sum` are of external tests alone, else NULL.
CREATE TABLE state_b.sealed_occasion (
  score_sum         bigint  NOT NULL,
  score_count       bigint  NOT NULL,
  newest_time_us    bigint  NOT NULL,
  r_sum             bigint  NOT NULL,
  i_sum             bigint  NOT NULL,
  deep_count        bigint  NOT NULL,
  untimed_count     bigint  NOT NULL,
  share_sum         bigint,
  learner_count     bigint  NOT NULL,
  learner_r_sum     bigint  NOT NULL,
  learner_i_sum     bigint  NOT NULL,
  learner_share_sum bigint,
  local_day         integer NOT NULL,
  district          text COLLATE "C" NOT NULL,
  learner_id        text COLLATE "C" NOT NULL,
  competency        text COLLATE "C" NOT NULL,
  occasion          text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, learner_id, competency, occasion)
);

-- Which pieces went, and what stood of each: 40 bytes a piece, so that a repeat is told from a
-- correction for ever. A bucket is the last byte of the ids in it; the arrays are in order of id, and
-- a content hash is 16 bytes.
CREATE TABLE state_b.sealed_evidence (
  bucket         smallint NOT NULL CHECK (bucket BETWEEN 0 AND 255),
  district       text COLLATE "C" NOT NULL,
  learner_id     text COLLATE "C" NOT NULL,
  evidence_ids   uuid[]   NOT NULL,
  versions       bigint[] NOT NULL,
  content_hashes uuid[]   NOT NULL,
  PRIMARY KEY (district, learner_id, bucket),
  CHECK (cardinality(evidence_ids) = cardinality(versions)
     AND cardinality(evidence_ids) = cardinality(content_hashes))
);

ALTER TABLE state_b.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.seal FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_evidence FORCE ROW LEVEL SECURITY;

CREATE POLICY seal_api ON state_b.seal FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY sealed_occasion_api ON state_b.sealed_occasion FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY sealed_evidence_api ON state_b.sealed_evidence FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY seal_worker ON state_b.seal TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_occasion_worker ON state_b.sealed_occasion TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY sealed_evidence_worker ON state_b.sealed_evidence TO mastery_worker
  USING (true) WITH CHECK (true);

GRANT SELECT ON state_b.seal, state_b.sealed_occasion, state_b.sealed_evidence TO mastery_api;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, MAINTAIN
  ON state_b.seal, state_b.sealed_occasion, state_b.sealed_evidence TO mastery_worker;

-- The other state: 0002 under another name.
--
-- The district comes first in every key; keys are compared byte by byte (COLLATE "C"), which is also
-- the order of the state hash. Times are whole microseconds since 1970-01-01 UTC, as the domain has
-- them; days are days since 1970-01-01 on the school's calendar; contributions are in units of 2^-20.

CREATE SCHEMA state_b;

-- The registry: what stands of each piece of evidence, a row for each of its alignments. The newest
-- rows under its first two partial indexes are the windows that an estimate reads; pieces of external
-- tests (purpose 3) are in neither, and under an index of their own.
CREATE TABLE state_b.evidence_alignment (
  version              bigint   NOT NULL,
  ledger_position      bigint   NOT NULL,
  occur_time_us        bigint,
  item_key             bigint,
  r                    integer,
  i                    integer,
  learner_r            integer,
  learner_i            integer,
  score                integer,
  local_day            integer,
  items_on_competency  integer,
  ordinal              smallint NOT NULL CHECK (ordinal BETWEEN 0 AND 7),
  weight_milli         smallint,
  scale                smallint,
  kind                 smallint,
  purpose              smallint,
  dok                  smallint,
  -- Recorded and scored: it counts. What does not has one row, of ordinal 0, and nothing but its
  -- identity and version.
  live                 boolean  NOT NULL,
  timed                boolean,
  evidence_id          uuid     NOT NULL,
  district             text COLLATE "C" NOT NULL,
  learner_id           text COLLATE "C" NOT NULL,
  competency           text COLLATE "C",
  -- The assessment, else 'day:' and the local day.
  occasion             text COLLATE "C",
  content_hash         bytea    NOT NULL,
  PRIMARY KEY (district, learner_id, evidence_id, ordinal)
);
CREATE INDEX evidence_alignment_competency_window ON state_b.evidence_alignment
  (district, learner_id, competency, occur_time_us DESC, evidence_id DESC)
  WHERE live AND purpose <> 3;
CREATE INDEX evidence_alignment_learner_window ON state_b.evidence_alignment
  (district, learner_id, occur_time_us DESC, evidence_id DESC)
  WHERE live AND ordinal = 0 AND purpose <> 3;
CREATE INDEX evidence_alignment_test ON state_b.evidence_alignment
  (district, learner_id, competency, occasion) WHERE live AND purpose = 3;

-- Exact sums over live evidence: counts of all pieces, contributions of those outside external tests.
-- A row outlives its evidence, so that its version never falls.
CREATE TABLE state_b.mastery_state (
  evidence_count bigint NOT NULL,
  r_sum          bigint NOT NULL,
  i_sum          bigint NOT NULL,
  deep_count     bigint NOT NULL,
  untimed_count  bigint NOT NULL,
  -- Rises with each change: the offset of the last record that changed the row, or one more than it was.
  version        bigint NOT NULL,
  district       text COLLATE "C" NOT NULL,
  learner_id     text COLLATE "C" NOT NULL,
  competency     text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, learner_id, competency)
) WITH (fillfactor = 70);

CREATE TABLE state_b.learner_state (
  evidence_count bigint NOT NULL,
  r_sum          bigint NOT NULL,
  i_sum          bigint NOT NULL,
  version        bigint NOT NULL,
  district       text COLLATE "C" NOT NULL,
  learner_id     text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, learner_id)
) WITH (fillfactor = 70);

CREATE TABLE state_b.occasion (
  score_sum         bigint  NOT NULL,
  score_count       bigint  NOT NULL,
  newest_time_us    bigint  NOT NULL,
  -- Of external tests alone, else NULL: shares in units of 2^-20, contributions and counts, and those
  -- of the pieces that count here for the learner.
  share_sum         bigint,
  r_sum             bigint,
  i_sum             bigint,
  deep_count        bigint,
  untimed_count     bigint,
  learner_share_sum bigint,
  learner_r_sum     bigint,
  learner_i_sum     bigint,
  local_day         integer NOT NULL,
  district          text COLLATE "C" NOT NULL,
  learner_id        text COLLATE "C" NOT NULL,
  competency        text COLLATE "C" NOT NULL,
  occasion          text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, learner_id, competency, occasion)
) WITH (fillfactor = 80);
-- A learner's newest external tests.
CREATE INDEX occasion_test ON state_b.occasion
  (district, learner_id, newest_time_us DESC, occasion DESC, competency DESC)
  WHERE learner_share_sum > 0;

-- The highest ledger position that was seen. A row for each partition (-1: read from the ledger), so
-- that workers of different partitions never wait for one another.
CREATE TABLE state_b.district_position (
  ledger_position bigint  NOT NULL,
  partition       integer NOT NULL,
  district        text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, partition)
) WITH (fillfactor = 70);

-- Row-level security is the second wall behind the credential: without a district, no row.
ALTER TABLE state_b.evidence_alignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.evidence_alignment FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.mastery_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.mastery_state FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.learner_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.learner_state FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.district_position ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.district_position FORCE ROW LEVEL SECURITY;

CREATE POLICY evidence_alignment_api ON state_b.evidence_alignment FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY mastery_state_api ON state_b.mastery_state FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY learner_state_api ON state_b.learner_state FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY occasion_api ON state_b.occasion FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY district_position_api ON state_b.district_position FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));

CREATE POLICY evidence_alignment_worker ON state_b.evidence_alignment TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY mastery_state_worker ON state_b.mastery_state TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY learner_state_worker ON state_b.learner_state TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY occasion_worker ON state_b.occasion TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY district_position_worker ON state_b.district_position TO mastery_worker
  USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA state_b TO mastery_api, mastery_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA state_b TO mastery_api;
-- A rebuild empties the schema that is not live (TRUNCATE) and has its tables analysed (MAINTAIN).
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, MAINTAIN ON ALL TABLES IN SCHEMA state_b TO mastery_worker;

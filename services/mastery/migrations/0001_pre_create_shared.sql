-- What there is once: where the fold stands, what it could not take, what changed, and which of the
-- two states is the one that is read and folded.

-- The state lives in two schemas of the same tables. One is live, the other is empty until a rebuild
-- fills it; then one UPDATE of this row makes it the live one. Readers take the name and the rows in
-- one snapshot, workers take it under the lock of their offset row, so neither ever mixes the two.
CREATE TABLE live_state (
  singleton   boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  schema_name text NOT NULL CHECK (schema_name IN ('state_a', 'state_b')),
  -- Counts the swaps.
  generation  bigint NOT NULL CHECK (generation > 0),
  -- When the last swap was; a transaction that began before it may still read the other schema.
  swap_time   timestamptz
);
INSERT INTO live_state (schema_name, generation) VALUES ('state_a', 1);

CREATE TABLE consumer_offset (
  consumer_group text    NOT NULL,
  topic          text    NOT NULL,
  partition      integer NOT NULL CHECK (partition >= 0),
  topic_id       uuid    NOT NULL,
  next_offset    bigint  NOT NULL CHECK (next_offset >= 0),
  PRIMARY KEY (consumer_group, topic, partition)
);

CREATE TABLE dead_letter (
  dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer_group text        NOT NULL,
  topic          text        NOT NULL,
  partition      integer     NOT NULL,
  record_offset  bigint      NOT NULL,
  key            bytea,
  value          bytea,
  -- [[name, hex of the value or null], …]: a name may come twice, and jsonb could not hold a NUL.
  headers        json        NOT NULL DEFAULT '[]',
  reason         text        NOT NULL,
  detail         text        NOT NULL,
  receive_time   timestamptz NOT NULL DEFAULT now(),
  redrive_time   timestamptz,
  xact           xid8        NOT NULL DEFAULT pg_current_xact_id(),
  UNIQUE (consumer_group, topic, partition, record_offset)
);
-- The order in which they go to `<topic>.dlq`.
CREATE INDEX dead_letter_commit_order ON dead_letter (xact, dead_letter_id);

-- How far the relay of dead letters has come.
CREATE TABLE relay_cursor (
  name              text   PRIMARY KEY,
  system_identifier bigint NOT NULL,
  xact              xid8   NOT NULL,
  position          bigint NOT NULL
);

-- Marks of (learner, competency) whose state has changed and is to be published. `xact` is the
-- transaction that marked last: the projector deletes a mark only if it still is what it read.
CREATE TABLE changed_key (
  district   text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  version    bigint NOT NULL,
  xact       xid8   NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (district, learner_id, competency)
) WITH (fillfactor = 70);

ALTER TABLE changed_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE changed_key FORCE ROW LEVEL SECURITY;
CREATE POLICY changed_key_worker ON changed_key TO mastery_worker USING (true) WITH CHECK (true);

GRANT SELECT ON live_state TO mastery_api;
GRANT SELECT, UPDATE ON live_state TO mastery_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_offset, dead_letter, changed_key TO mastery_worker;
GRANT SELECT, INSERT, UPDATE ON relay_cursor TO mastery_worker;

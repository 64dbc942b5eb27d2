-- The ledger of evidence and the quarantine of refused records.
--
-- The district comes first in every key. Ids are compared byte by byte (COLLATE "C").

-- Positions are taken before the rows are written, so that the bytes to publish, which carry them,
-- are final when they are first written. What is taken and not used is a gap for ever.
CREATE SEQUENCE ledger_position AS bigint;

-- Append-only, and its own outbox: the relay reads rows with an event in the order (xact, position)
-- and keeps its place elsewhere, so that no row is ever written twice.
CREATE TABLE ledger (
  district     text COLLATE "C" NOT NULL,
  position     bigint NOT NULL,
  -- A position is not the order of commit; the transaction that wrote the row is.
  xact         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  event_id     text COLLATE "C" NOT NULL,
  -- 0: what the sending says; 1: the retraction from the former learner that goes with a correction.
  fact_number  smallint NOT NULL CHECK (fact_number IN (0, 1)),
  evidence_id  uuid NOT NULL,
  -- Numbers the rows of one observation; whoever loses a race over it loses on the unique key.
  revision     integer NOT NULL CHECK (revision > 0),
  version      bigint NOT NULL CHECK (version > 0),
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 16),
  learner_id   text COLLATE "C" NOT NULL,
  -- 1 recorded, 2 retracted, 3 superseded (stale on arrival: kept, never published).
  kind         smallint NOT NULL CHECK (kind IN (1, 2, 3)),
  source       text COLLATE "C" NOT NULL,
  entity_id    text COLLATE "C" NOT NULL,
  import_id    text COLLATE "C",
  -- Set where the alignment of the item says what the observation is about: of which item.
  item         text COLLATE "C",
  occur_time   timestamptz NOT NULL,
  receive_time timestamptz NOT NULL,
  -- What was sent, byte for byte: what tells a repeat from a reused event id.
  record       bytea NOT NULL,
  -- What is published.
  event        bytea,
  CHECK ((event IS NULL) = (kind = 3)),
  PRIMARY KEY (district, event_id, fact_number),
  UNIQUE (district, evidence_id, revision)
);
CREATE INDEX ledger_published ON ledger (xact, position) WHERE event IS NOT NULL;
CREATE INDEX ledger_import ON ledger (district, import_id, position) WHERE import_id IS NOT NULL;
CREATE INDEX ledger_item ON ledger (district, source, item, position) WHERE item IS NOT NULL;
CREATE INDEX ledger_learner ON ledger (district, learner_id, occur_time DESC, position DESC)
  WHERE kind <> 3;

-- What was refused, and what waits for something that is not known yet. Nothing is ever dropped from
-- here unseen: a person discards it, or it is taken up (redriven), and the row says so.
CREATE TABLE quarantine (
  district            text COLLATE "C" NOT NULL,
  quarantine_id       bigint GENERATED ALWAYS AS IDENTITY,
  -- Of import, id and content: a repeat of the same refused record adds nothing.
  digest              bytea NOT NULL CHECK (octet_length(digest) = 16),
  -- 1 a record, 2 a document of a system, 3 a source object from which nothing could be derived.
  kind                smallint NOT NULL CHECK (kind IN (1, 2, 3)),
  -- 1 refused, 2 waiting, 3 redriven, 4 discarded.
  state               smallint NOT NULL CHECK (state IN (1, 2, 3, 4)),
  -- To be looked at again: what it waits for has come, or somebody has asked.
  due                 boolean NOT NULL DEFAULT false,
  -- How often it has been looked at again.
  looks               integer NOT NULL DEFAULT 0,
  -- The place in the order of receipt, which is the version of what has none of its own.
  position            bigint NOT NULL,
  source              text NOT NULL,
  -- Of a record its event id; of a document the id of what it is about.
  event_id            text NOT NULL,
  -- Of a document: what it is, and in which format it came.
  collection          text NOT NULL DEFAULT '',
  format              smallint NOT NULL DEFAULT 0,
  -- Of a document: whether it says that what it is about is gone, which its bytes do not.
  deleted             boolean NOT NULL DEFAULT false,
  -- The source object that it was derived from, as in "results/r-17"; empty where from none.
  subject             text COLLATE "C" NOT NULL DEFAULT '',
  import_id           text COLLATE "C",
  file                text NOT NULL DEFAULT '',
  line                bigint NOT NULL CHECK (line >= 0),
  reason              smallint NOT NULL,
  field               text NOT NULL,
  message             text NOT NULL,
  hint                text NOT NULL,
  -- The first 64 KiB; the length is of the whole. A record that was cut cannot be redriven.
  record              bytea NOT NULL CHECK (octet_length(record) <= 65536),
  record_length_bytes bigint NOT NULL,
  receive_time        timestamptz NOT NULL,
  -- When it was last looked at, by whom (empty: by itself), and what that person noted.
  state_time          timestamptz NOT NULL,
  actor               text NOT NULL DEFAULT '',
  note                text NOT NULL DEFAULT '',
  PRIMARY KEY (district, quarantine_id),
  UNIQUE (district, digest)
);
CREATE INDEX quarantine_import ON quarantine (district, import_id, quarantine_id)
  WHERE import_id IS NOT NULL;
CREATE INDEX quarantine_open ON quarantine (district, source, reason) WHERE state IN (1, 2);
CREATE INDEX quarantine_subject ON quarantine (district, subject) WHERE subject <> '';
CREATE INDEX quarantine_unlooked ON quarantine (district, state_time)
  WHERE kind = 1 AND state = 2 AND looks = 0;
CREATE INDEX quarantine_due ON quarantine (district, quarantine_id) WHERE due;

-- What each waiting row waits for, hashed, as it may be an e-mail.
CREATE TABLE quarantine_wait (
  district      text COLLATE "C" NOT NULL,
  awaited       bytea NOT NULL CHECK (octet_length(awaited) = 16),
  quarantine_id bigint NOT NULL,
  PRIMARY KEY (district, awaited, quarantine_id),
  FOREIGN KEY (district, quarantine_id) REFERENCES quarantine ON DELETE CASCADE
);
CREATE INDEX quarantine_wait_of ON quarantine_wait (district, quarantine_id);

-- How far the withdrawal of an import has come, so that a call need not look again at what earlier
-- ones settled: a row that no longer stands never stands again. A place to begin, never a proof.
CREATE TABLE import_withdrawal (
  district  text COLLATE "C" NOT NULL,
  import_id text COLLATE "C" NOT NULL,
  position  bigint NOT NULL,
  PRIMARY KEY (district, import_id)
);

-- Imports whose evidence was withdrawn. What is derived from the objects that one brought is derived
-- no more, until something else brings them.
CREATE TABLE withdrawn_import (
  district      text COLLATE "C" NOT NULL,
  source        text COLLATE "C" NOT NULL,
  import_id     text COLLATE "C" NOT NULL,
  withdraw_time timestamptz      NOT NULL,
  PRIMARY KEY (district, source, import_id)
);

-- Row-level security is the second wall behind the credential: without a district, no row.
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantine FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantine_wait ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantine_wait FORCE ROW LEVEL SECURITY;
ALTER TABLE import_withdrawal ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_withdrawal FORCE ROW LEVEL SECURITY;
ALTER TABLE withdrawn_import ENABLE ROW LEVEL SECURITY;
ALTER TABLE withdrawn_import FORCE ROW LEVEL SECURITY;

CREATE POLICY ledger_api ON ledger TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY quarantine_api ON quarantine TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY quarantine_wait_api ON quarantine_wait TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY import_withdrawal_api ON import_withdrawal TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY withdrawn_import_api ON withdrawn_import TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

CREATE POLICY ledger_worker ON ledger FOR SELECT TO evidence_worker USING (true);
CREATE POLICY quarantine_worker ON quarantine FOR SELECT TO evidence_worker USING (true);

-- Nobody changes or deletes a row of the ledger.
GRANT SELECT, INSERT ON ledger TO evidence_api;
GRANT SELECT, INSERT ON quarantine TO evidence_api;
-- What was sent stays as it was; what became of it changes. What follows from a source object comes
-- again with it, and then has another place in the order of receipt.
GRANT UPDATE (state, due, looks, reason, field, message, hint, state_time, actor, note, position,
              event_id, record, record_length_bytes, import_id, receive_time)
  ON quarantine TO evidence_api;
GRANT SELECT, INSERT, DELETE ON quarantine_wait TO evidence_api;
GRANT SELECT, INSERT, UPDATE ON import_withdrawal TO evidence_api;
GRANT SELECT, INSERT ON withdrawn_import TO evidence_api;
GRANT USAGE ON SEQUENCE ledger_position TO evidence_api;
-- The resolver finds what is due, and counts what is open; it sees nothing of what was sent.
GRANT SELECT (district, quarantine_id, kind, state, due, looks, source, reason, state_time)
  ON quarantine TO evidence_worker;
-- The worker publishes; it has no need of what was sent.
GRANT SELECT (district, position, xact, learner_id, kind, receive_time, event)
  ON ledger TO evidence_worker;

-- How far each relay has come. It has no district: the worker alone reads it.
CREATE TABLE relay_cursor (
  name              text   PRIMARY KEY,
  system_identifier bigint NOT NULL,
  xact              xid8   NOT NULL,
  position          bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON relay_cursor TO evidence_worker;

-- Tables that services have in common. For reference: a service copies what it needs into a migration
-- of its own, with its own roles, as `example` here; a test holds the copies to this file.
--
-- None of them has a district: only workers, relays and commands may read them, so only the worker's
-- role is given anything, and the API's role may append to the outbox and nothing else.

-- Facts that wait to be published (postgres/outbox.py). Read in commit order: a row is visible to the
-- relay once no older transaction is at work any more.
CREATE TABLE outbox (
  xact        xid8        NOT NULL DEFAULT pg_current_xact_id(),
  sequence    bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  topic       text        NOT NULL,
  key         bytea       NOT NULL,
  value       bytea,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (xact, sequence)
);
GRANT INSERT ON outbox TO example_api;
GRANT SELECT, INSERT, DELETE ON outbox TO example_worker;

-- How far the relay of each outbox has come (kafka/relay.py).
CREATE TABLE relay_cursor (
  name              text   PRIMARY KEY,
  system_identifier bigint NOT NULL,
  xact              xid8   NOT NULL,
  position          bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON relay_cursor TO example_worker;

-- Where each consumer group goes on (kafka/offsets.py).
CREATE TABLE consumer_offset (
  consumer_group text    NOT NULL,
  topic          text    NOT NULL,
  partition      integer NOT NULL CHECK (partition >= 0),
  topic_id       uuid    NOT NULL,
  next_offset    bigint  NOT NULL CHECK (next_offset >= 0),
  PRIMARY KEY (consumer_group, topic, partition)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_offset TO example_worker;

-- Records that cannot be applied, byte for byte (kafka/dead_letters.py, postgres/dead_letter.py).
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
GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter TO example_worker;

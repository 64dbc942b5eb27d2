-- Where the consumers of other services' facts stand, and what they could not take.

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

GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_offset, dead_letter TO evidence_worker;

-- Facts that wait to be published, and how far the relay has come.
-- None of them has a district: the API may only append, the relay reads every district's.

CREATE TABLE outbox (
  xact        xid8        NOT NULL DEFAULT pg_current_xact_id(),
  sequence    bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  topic       text        NOT NULL,
  key         bytea       NOT NULL,
  value       bytea,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (xact, sequence)
);
GRANT INSERT ON outbox TO scheduler_api;
GRANT SELECT, INSERT, DELETE ON outbox TO scheduler_worker;

CREATE TABLE relay_cursor (
  name              text   PRIMARY KEY,
  system_identifier bigint NOT NULL,
  xact              xid8   NOT NULL,
  position          bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON relay_cursor TO scheduler_worker;

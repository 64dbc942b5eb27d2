-- Up to which position all that is ever published has been published, as a relay has noted it before it
-- said so to anyone. Gone with its cursor: whoever publishes anew has not published anything yet.
CREATE TABLE relay_watermark (
  name     text   PRIMARY KEY REFERENCES relay_cursor ON DELETE CASCADE,
  position bigint NOT NULL CHECK (position > 0)
);
GRANT SELECT, INSERT, UPDATE ON relay_watermark TO evidence_worker;
-- Who streams the ledger is told how far it is complete.
GRANT SELECT ON relay_watermark TO evidence_api;
-- How far positions have been given out.
GRANT SELECT ON SEQUENCE ledger_position TO evidence_worker;

-- Epochs: from a time on, how hard a district's items are and what its evidence weighs.

-- Append-only, kept for ever: what was folded with an epoch must be told, and folded again, as it was.
-- A district has at most 500. Times are microseconds since 1970-01-01 UTC, difficulties 1/64 logits.
CREATE TABLE epoch (
  district        text COLLATE "C" NOT NULL,
  version         bigint   NOT NULL CHECK (version > 0),
  -- Work from this time on is read with it, until the next one.
  effective_us    bigint   NOT NULL CHECK (effective_us >= 0),
  -- It reaches work that may have been folded: a state has it only after a rebuild.
  retroactive     boolean  NOT NULL,
  -- The version whose difficulties and references it reads; 0: none. Weights alone copy no items.
  difficulties_of bigint   NOT NULL CHECK (difficulties_of BETWEEN 0 AND version),
  -- Of every competency without a reference.
  reference_d64   smallint NOT NULL,
  -- Every field, also those that have their default today.
  weights         jsonb    NOT NULL CHECK (octet_length(weights::text) <= 4096),
  -- SHA-256 over difficulties and references.
  difficulties_digest bytea NOT NULL CHECK (octet_length(difficulties_digest) = 32),
  item_count      integer  NOT NULL CHECK (item_count >= 0),
  response_count  bigint   NOT NULL CHECK (response_count >= 0),
  covered_count   bigint   NOT NULL CHECK (covered_count >= 0),
  note            text     NOT NULL,
  -- What role published it; no person's name.
  actor           text     NOT NULL,
  create_time     timestamptz NOT NULL,
  PRIMARY KEY (district, version)
);

-- A row for each item with responses enough: at most 2 million in an epoch, about 94 bytes each with
-- the index. A district that calibrates 100,000 items four times a year adds 38 MB a year. No foreign
-- key: the rows go in before the epoch's own, which is put while the fold waits, in one transaction.
CREATE TABLE epoch_item (
  version  bigint   NOT NULL,
  item_key bigint   NOT NULL,
  d64      smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, version, item_key)
);

-- The difficulty of a typical task of each competency with responses enough.
CREATE TABLE epoch_reference (
  version    bigint   NOT NULL,
  d64        smallint NOT NULL,
  district   text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, version, competency)
);

-- Which epochs each of the two states is folded with. One that is published ahead of its time is put
-- into both; a retroactive one comes into a state when a rebuild empties and fills it.
CREATE TABLE state_a.folded_epoch (
  version  bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, version)
);
CREATE TABLE state_b.folded_epoch (
  version  bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, version)
);

ALTER TABLE epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch FORCE ROW LEVEL SECURITY;
ALTER TABLE epoch_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch_item FORCE ROW LEVEL SECURITY;
ALTER TABLE epoch_reference ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch_reference FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.folded_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.folded_epoch FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.folded_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.folded_epoch FORCE ROW LEVEL SECURITY;

CREATE POLICY epoch_api ON epoch FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY epoch_item_api ON epoch_item FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY epoch_reference_api ON epoch_reference FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY folded_epoch_api ON state_a.folded_epoch FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));
CREATE POLICY folded_epoch_api ON state_b.folded_epoch FOR SELECT TO mastery_api
  USING (district = current_setting('app.district', true));

CREATE POLICY epoch_worker ON epoch TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY epoch_item_worker ON epoch_item TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY epoch_reference_worker ON epoch_reference TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY folded_epoch_worker ON state_a.folded_epoch TO mastery_worker
  USING (true) WITH CHECK (true);
CREATE POLICY folded_epoch_worker ON state_b.folded_epoch TO mastery_worker
  USING (true) WITH CHECK (true);

-- Nobody may change or remove an epoch.
GRANT SELECT ON epoch, epoch_item, epoch_reference TO mastery_api;
GRANT SELECT, INSERT ON epoch, epoch_item, epoch_reference TO mastery_worker;
GRANT SELECT ON state_a.folded_epoch, state_b.folded_epoch TO mastery_api;
-- A rebuild empties the state that is not live.
GRANT SELECT, INSERT, TRUNCATE ON state_a.folded_epoch, state_b.folded_epoch TO mastery_worker;

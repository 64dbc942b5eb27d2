-- What districts have chosen of how levels and decisions are read, and how far that is published.

-- The versions of a district's mastery policy. Append-only: a version is never changed, so whoever
-- has read one may keep it. In force at a time is the highest version with effective_us until then.
CREATE TABLE policy (
  district     text COLLATE "C" NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  -- In the time that mastery is read as of: microseconds since 1970-01-01 UTC.
  effective_us bigint NOT NULL CHECK (effective_us >= 0),
  -- Every field, also those that have their default today.
  document     jsonb NOT NULL CHECK (octet_length(document::text) <= 65536),
  note         text NOT NULL,
  -- The name of the credential that put it; no person's.
  actor        text NOT NULL,
  create_time  timestamptz NOT NULL,
  PRIMARY KEY (district, version)
);

-- How far a district's masteries are marked to be published anew under a version of its policy. The
-- key is the last that was marked, and a crash goes on after it.
CREATE TABLE policy_publication (
  district   text COLLATE "C" NOT NULL,
  version    bigint NOT NULL CHECK (version > 0),
  learner_id text COLLATE "C" NOT NULL DEFAULT '',
  competency text COLLATE "C" NOT NULL DEFAULT '',
  complete   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (district)
);

ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
ALTER TABLE policy_publication ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy_publication FORCE ROW LEVEL SECURITY;

CREATE POLICY policy_api ON policy TO mastery_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY policy_worker ON policy FOR SELECT TO mastery_worker USING (true);
CREATE POLICY policy_publication_worker ON policy_publication TO mastery_worker
  USING (true) WITH CHECK (true);

-- Nobody may change or remove a version.
GRANT SELECT, INSERT ON policy TO mastery_api;
GRANT SELECT ON policy TO mastery_worker;
GRANT SELECT, INSERT, UPDATE ON policy_publication TO mastery_worker;

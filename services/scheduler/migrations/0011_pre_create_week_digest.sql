-- What later weeks ask of a published week, so that no plan reads whole weeks of before. It follows
-- from the stored week alone: a row that is missing, or of an older format, is made anew.
CREATE TABLE week_digest (
  district  text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday    date NOT NULL,
  revision  integer NOT NULL CHECK (revision > 0),
  -- Of what is in a digest, as domain/history/digest.py counts it.
  format    smallint NOT NULL CHECK (format > 0),
  -- Canonical JSON, compressed with zlib.
  digest    bytea NOT NULL,
  PRIMARY KEY (district, school_id, monday, revision, format),
  FOREIGN KEY (district, school_id, monday, revision) REFERENCES week_revision
);

ALTER TABLE week_digest ENABLE ROW LEVEL SECURITY;
ALTER TABLE week_digest FORCE ROW LEVEL SECURITY;
CREATE POLICY week_digest_api ON week_digest TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY week_digest_worker ON week_digest TO scheduler_worker
  USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON week_digest TO scheduler_api, scheduler_worker;

-- Addresses of calendars that people subscribe to, without sign-in. The secret of an address is kept
-- nowhere: only its SHA-256.
CREATE TABLE feed (
  district     text COLLATE "C" NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  feed_id      text COLLATE "C" NOT NULL,
  -- A value of domain/feed.py.
  kind         text NOT NULL CHECK (kind IN ('learner', 'adult', 'room', 'school')),
  -- Of the learner, adult or room; empty: the school.
  subject_id   text COLLATE "C" NOT NULL,
  token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
  -- Resource names of who made and who revoked it.
  maker        text COLLATE "C" NOT NULL,
  create_time  timestamptz NOT NULL,
  expire_time  timestamptz NOT NULL,
  revoke_time  timestamptz,
  revoker      text COLLATE "C" NOT NULL DEFAULT '',
  PRIMARY KEY (district, school_id, feed_id)
);
CREATE INDEX feed_subject ON feed (district, school_id, kind, subject_id, feed_id);

ALTER TABLE feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_api ON feed TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
-- Who opens an address has no district yet, and sees the one row whose secret they know.
CREATE POLICY feed_address ON feed FOR SELECT TO scheduler_api
  USING (encode(token_sha256, 'hex') = current_setting('app.feed_sha256', true));
GRANT SELECT, INSERT, UPDATE (revoke_time, revoker) ON feed TO scheduler_api;

-- What a school prints on, and the language of its notes to families; empty: it does not say.
ALTER TABLE policy
  ADD COLUMN paper           text NOT NULL DEFAULT '' CHECK (paper IN ('', 'us-letter', 'a4')),
  ADD COLUMN family_language text COLLATE "C" NOT NULL DEFAULT '';

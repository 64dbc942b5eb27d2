-- The roster, the frameworks, their outbox, and the first answers to administrative requests.
--
-- The district comes first in every key. Ids are compared byte by byte (COLLATE "C"), so that lists
-- come in the same order on every server. Names of people stand in learner and adult, and nowhere else.

CREATE TABLE school (
  district     text COLLATE "C" NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  time_zone    text NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, school_id)
);

CREATE TABLE learner (
  district      text COLLATE "C" NOT NULL,
  -- The keyed hash of the first alias, stored at first sight: it outlives the key.
  learner_id    text COLLATE "C" NOT NULL,
  source        text COLLATE "C" NOT NULL,
  source_id     text COLLATE "C" NOT NULL,
  given_name    text NOT NULL,
  family_name   text NOT NULL,
  school_id     text COLLATE "C" NOT NULL,
  grade         text NOT NULL,
  -- 1 enrolled, 2 withdrawn.
  state         smallint NOT NULL CHECK (state IN (1, 2)),
  enrol_date    date,
  withdraw_date date,
  -- For whom this learner's evidence counts since two records of one person were merged.
  merged_into   text COLLATE "C",
  version       bigint NOT NULL CHECK (version > 0),
  change_time   timestamptz NOT NULL,
  PRIMARY KEY (district, learner_id),
  UNIQUE (district, source, source_id),
  FOREIGN KEY (district, school_id) REFERENCES school,
  FOREIGN KEY (district, merged_into) REFERENCES learner
);
CREATE INDEX learner_merged_into ON learner (district, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX learner_school ON learner (district, school_id, learner_id);

CREATE TABLE adult (
  district     text COLLATE "C" NOT NULL,
  adult_id     text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  subjects     text[] NOT NULL,
  active       boolean NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, adult_id),
  FOREIGN KEY (district, school_id) REFERENCES school
);
CREATE INDEX adult_school ON adult (district, school_id, adult_id);

CREATE TABLE framework (
  district     text COLLATE "C" NOT NULL,
  framework_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, framework_id)
);

CREATE TABLE competency (
  district      text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  framework_id  text COLLATE "C" NOT NULL,
  code          text COLLATE "C" NOT NULL,
  label         text NOT NULL,
  subject       text NOT NULL,
  grade         text NOT NULL,
  essential     boolean NOT NULL,
  -- The identifier that the framework's publisher gave it; empty where it has none.
  uri           text COLLATE "C" NOT NULL,
  -- Code and identifier as they are looked up: without the ways in which people write them differently.
  code_key      text COLLATE "C" NOT NULL,
  uri_key       text COLLATE "C" NOT NULL,
  -- Ids of competencies of the district, sorted; what is written under the district's lock has no
  -- circle and names only what is here.
  prerequisites text[] COLLATE "C" NOT NULL CHECK (cardinality(prerequisites) <= 32),
  version       bigint NOT NULL CHECK (version > 0),
  change_time   timestamptz NOT NULL,
  PRIMARY KEY (district, competency_id),
  FOREIGN KEY (district, framework_id) REFERENCES framework,
  -- Deferred, so that one batch may swap the codes of two competencies.
  CONSTRAINT competency_code UNIQUE (district, framework_id, code) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX competency_code_key ON competency (district, code_key);
CREATE INDEX competency_uri_key ON competency (district, uri_key) WHERE uri_key <> '';
CREATE INDEX competency_framework ON competency (district, framework_id, competency_id);

-- The facts of roster and frameworks, read by the relay in the order (xact, sequence).
CREATE TABLE outbox (
  xact        xid8        NOT NULL DEFAULT pg_current_xact_id(),
  sequence    bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  topic       text        NOT NULL,
  key         bytea       NOT NULL,
  value       bytea,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (xact, sequence)
);

-- The first answer to a request id is made again from the same content and these ids and versions,
-- so that no name stands in here. Each write drops some rows of its district that are too old.
CREATE TABLE request_log (
  district    text COLLATE "C" NOT NULL,
  request_id  text COLLATE "C" NOT NULL,
  method      text NOT NULL,
  digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
  entity_ids  text[] NOT NULL,
  versions    bigint[] NOT NULL CHECK (cardinality(versions) = cardinality(entity_ids)),
  answer_time timestamptz NOT NULL,
  PRIMARY KEY (district, request_id)
);
CREATE INDEX request_log_answer_time ON request_log (district, answer_time);

-- Row-level security is the second wall behind the credential: without a district, no row.
ALTER TABLE school ENABLE ROW LEVEL SECURITY;
ALTER TABLE school FORCE ROW LEVEL SECURITY;
ALTER TABLE learner ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner FORCE ROW LEVEL SECURITY;
ALTER TABLE adult ENABLE ROW LEVEL SECURITY;
ALTER TABLE adult FORCE ROW LEVEL SECURITY;
ALTER TABLE framework ENABLE ROW LEVEL SECURITY;
ALTER TABLE framework FORCE ROW LEVEL SECURITY;
ALTER TABLE competency ENABLE ROW LEVEL SECURITY;
ALTER TABLE competency FORCE ROW LEVEL SECURITY;
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;

CREATE POLICY school_api ON school TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY learner_api ON learner TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY adult_api ON adult TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY framework_api ON framework TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY competency_api ON competency TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY request_log_api ON request_log TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

CREATE POLICY school_worker ON school TO evidence_worker USING (true);
CREATE POLICY learner_worker ON learner TO evidence_worker USING (true);
CREATE POLICY adult_worker ON adult TO evidence_worker USING (true);
CREATE POLICY framework_worker ON framework TO evidence_worker USING (true);
CREATE POLICY competency_worker ON competency TO evidence_worker USING (true);

GRANT SELECT, INSERT, UPDATE ON school, learner, adult, framework, competency TO evidence_api;
GRANT SELECT, INSERT, DELETE ON request_log TO evidence_api;
-- The outbox has no district and no policy: the API adds to it and cannot read it.
GRANT INSERT ON outbox TO evidence_api;
GRANT SELECT, INSERT, DELETE ON outbox TO evidence_worker;

-- A worker sees every district, so it sees no names and no source's ids of people.
GRANT SELECT ON school, framework, competency TO evidence_worker;
GRANT SELECT (district, learner_id, school_id, grade, state, enrol_date, withdraw_date, merged_into,
              version, change_time)
  ON learner TO evidence_worker;
GRANT SELECT (district, adult_id, school_id, subjects, active, version, change_time)
  ON adult TO evidence_worker;

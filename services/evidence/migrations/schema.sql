-- What the migrations in this folder add up to. Written by a command, compared by a test:
-- never edit it, never run it against a database that holds data.
SET check_function_bodies = off;

-- Sequences.

CREATE SEQUENCE ledger_position AS bigint START 1 INCREMENT 1 CACHE 1;

-- Tables.

CREATE TABLE adult (
  district text COLLATE "C" NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  subjects text[] NOT NULL,
  active boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT adult_pkey PRIMARY KEY (district, adult_id),
  CONSTRAINT adult_version_check CHECK ((version > 0))
);
CREATE TABLE competency (
  district text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  framework_id text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  label text NOT NULL,
  subject text NOT NULL,
  grade text NOT NULL,
  essential boolean NOT NULL,
  prerequisites text[] COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT competency_pkey PRIMARY KEY (district, competency_id),
  CONSTRAINT competency_code UNIQUE (district, framework_id, code) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT competency_prerequisites_check CHECK ((cardinality(prerequisites) <= 32)),
  CONSTRAINT competency_version_check CHECK ((version > 0))
);
CREATE TABLE framework (
  district text COLLATE "C" NOT NULL,
  framework_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT framework_pkey PRIMARY KEY (district, framework_id),
  CONSTRAINT framework_version_check CHECK ((version > 0))
);
CREATE TABLE import_withdrawal (
  district text COLLATE "C" NOT NULL,
  import_id text COLLATE "C" NOT NULL,
  "position" bigint NOT NULL,
  CONSTRAINT import_withdrawal_pkey PRIMARY KEY (district, import_id)
);
CREATE TABLE learner (
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  given_name text NOT NULL,
  family_name text NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  grade text NOT NULL,
  state smallint NOT NULL,
  enrol_date date,
  withdraw_date date,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT learner_pkey PRIMARY KEY (district, learner_id),
  CONSTRAINT learner_district_source_source_id_key UNIQUE (district, source, source_id),
  CONSTRAINT learner_state_check CHECK ((state = ANY (ARRAY[1, 2]))),
  CONSTRAINT learner_version_check CHECK ((version > 0))
);
CREATE TABLE ledger (
  district text COLLATE "C" NOT NULL,
  "position" bigint NOT NULL,
  xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  fact_number smallint NOT NULL,
  evidence_id uuid NOT NULL,
  revision integer NOT NULL,
  version bigint NOT NULL,
  content_hash bytea NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  source text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  import_id text COLLATE "C",
  occur_time timestamp with time zone NOT NULL,
  receive_time timestamp with time zone NOT NULL,
  record bytea NOT NULL,
  event bytea,
  CONSTRAINT ledger_pkey PRIMARY KEY (district, event_id, fact_number),
  CONSTRAINT ledger_district_evidence_id_revision_key UNIQUE (district, evidence_id, revision),
  CONSTRAINT ledger_check CHECK (((event IS NULL) = (kind = 3))),
  CONSTRAINT ledger_content_hash_check CHECK ((octet_length(content_hash) = 16)),
  CONSTRAINT ledger_fact_number_check CHECK ((fact_number = ANY (ARRAY[0, 1]))),
  CONSTRAINT ledger_kind_check CHECK ((kind = ANY (ARRAY[1, 2, 3]))),
  CONSTRAINT ledger_revision_check CHECK ((revision > 0)),
  CONSTRAINT ledger_version_check CHECK ((version > 0))
);
CREATE TABLE outbox (
  xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  topic text NOT NULL,
  key bytea NOT NULL,
  value bytea,
  create_time timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (xact, sequence)
);
CREATE TABLE quarantine (
  district text COLLATE "C" NOT NULL,
  quarantine_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  digest bytea NOT NULL,
  source text NOT NULL,
  event_id text NOT NULL,
  import_id text COLLATE "C",
  line bigint NOT NULL,
  reason smallint NOT NULL,
  field text NOT NULL,
  message text NOT NULL,
  hint text NOT NULL,
  record bytea NOT NULL,
  record_length_bytes bigint NOT NULL,
  receive_time timestamp with time zone NOT NULL,
  CONSTRAINT quarantine_pkey PRIMARY KEY (district, quarantine_id),
  CONSTRAINT quarantine_district_digest_key UNIQUE (district, digest),
  CONSTRAINT quarantine_digest_check CHECK ((octet_length(digest) = 16)),
  CONSTRAINT quarantine_line_check CHECK ((line >= 0)),
  CONSTRAINT quarantine_record_check CHECK ((octet_length(record) <= 65536))
);
CREATE TABLE relay_cursor (
  name text NOT NULL,
  system_identifier bigint NOT NULL,
  xact xid8 NOT NULL,
  "position" bigint NOT NULL,
  CONSTRAINT relay_cursor_pkey PRIMARY KEY (name)
);
CREATE TABLE request_log (
  district text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  method text NOT NULL,
  digest bytea NOT NULL,
  entity_ids text[] NOT NULL,
  versions bigint[] NOT NULL,
  answer_time timestamp with time zone NOT NULL,
  CONSTRAINT request_log_pkey PRIMARY KEY (district, request_id),
  CONSTRAINT request_log_check CHECK ((cardinality(versions) = cardinality(entity_ids))),
  CONSTRAINT request_log_digest_check CHECK ((octet_length(digest) = 32))
);
CREATE TABLE school (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  time_zone text NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT school_pkey PRIMARY KEY (district, school_id),
  CONSTRAINT school_version_check CHECK ((version > 0))
);

-- Foreign keys.

ALTER TABLE adult ADD CONSTRAINT adult_district_school_id_fkey FOREIGN KEY (district, school_id) REFERENCES school(district, school_id);
ALTER TABLE competency ADD CONSTRAINT competency_district_framework_id_fkey FOREIGN KEY (district, framework_id) REFERENCES framework(district, framework_id);
ALTER TABLE learner ADD CONSTRAINT learner_district_school_id_fkey FOREIGN KEY (district, school_id) REFERENCES school(district, school_id);

-- Indexes.

CREATE INDEX adult_school ON public.adult USING btree (district, school_id, adult_id);
CREATE INDEX competency_framework ON public.competency USING btree (district, framework_id, competency_id);
CREATE INDEX learner_school ON public.learner USING btree (district, school_id, learner_id);
CREATE INDEX ledger_import ON public.ledger USING btree (district, import_id, "position") WHERE (import_id IS NOT NULL);
CREATE INDEX ledger_learner ON public.ledger USING btree (district, learner_id, occur_time DESC, "position" DESC) WHERE (kind <> 3);
CREATE INDEX ledger_published ON public.ledger USING btree (xact, "position") WHERE (event IS NOT NULL);
CREATE INDEX quarantine_import ON public.quarantine USING btree (district, import_id, quarantine_id) WHERE (import_id IS NOT NULL);
CREATE INDEX request_log_answer_time ON public.request_log USING btree (district, answer_time);

-- Row-level security.

ALTER TABLE adult ENABLE ROW LEVEL SECURITY;
ALTER TABLE adult FORCE ROW LEVEL SECURITY;
ALTER TABLE competency ENABLE ROW LEVEL SECURITY;
ALTER TABLE competency FORCE ROW LEVEL SECURITY;
ALTER TABLE framework ENABLE ROW LEVEL SECURITY;
ALTER TABLE framework FORCE ROW LEVEL SECURITY;
ALTER TABLE import_withdrawal ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_withdrawal FORCE ROW LEVEL SECURITY;
ALTER TABLE learner ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantine FORCE ROW LEVEL SECURITY;
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;
ALTER TABLE school ENABLE ROW LEVEL SECURITY;
ALTER TABLE school FORCE ROW LEVEL SECURITY;

-- Policies.

CREATE POLICY adult_api ON adult AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY adult_worker ON adult AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY competency_api ON competency AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY competency_worker ON competency AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY framework_api ON framework AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY framework_worker ON framework AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY import_withdrawal_api ON import_withdrawal AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_api ON learner AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_worker ON learner AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY ledger_api ON ledger AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY ledger_worker ON ledger AS PERMISSIVE FOR SELECT TO evidence_worker USING (true);
CREATE POLICY quarantine_api ON quarantine AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY request_log_api ON request_log AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY school_api ON school AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY school_worker ON school AS PERMISSIVE FOR ALL TO evidence_worker USING (true);

-- Grants.

GRANT INSERT, SELECT, UPDATE ON TABLE adult TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE competency TO evidence_api;
GRANT SELECT ON TABLE competency TO evidence_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE framework TO evidence_api;
GRANT SELECT ON TABLE framework TO evidence_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE import_withdrawal TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE learner TO evidence_api;
GRANT INSERT, SELECT ON TABLE ledger TO evidence_api;
GRANT USAGE ON SEQUENCE ledger_position TO evidence_api;
GRANT INSERT ON TABLE outbox TO evidence_api;
GRANT DELETE, INSERT, SELECT ON TABLE outbox TO evidence_worker;
GRANT INSERT, SELECT ON TABLE quarantine TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE relay_cursor TO evidence_worker;
GRANT DELETE, INSERT, SELECT ON TABLE request_log TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE school TO evidence_api;
GRANT SELECT ON TABLE school TO evidence_worker;
GRANT SELECT (active, adult_id, change_time, district, school_id, subjects, version) ON TABLE adult TO evidence_worker;
GRANT SELECT (change_time, district, enrol_date, grade, learner_id, school_id, state, version, withdraw_date) ON TABLE learner TO evidence_worker;
GRANT SELECT (district, event, kind, learner_id, "position", receive_time, xact) ON TABLE ledger TO evidence_worker;

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
CREATE TABLE alias (
  district text COLLATE "C" NOT NULL,
  subject_kind smallint NOT NULL,
  kind smallint NOT NULL,
  system text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  from_micros bigint NOT NULL,
  until_micros bigint NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  said_by text COLLATE "C" NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT alias_pkey PRIMARY KEY (district, subject_kind, kind, system, value, from_micros),
  CONSTRAINT alias_check CHECK ((until_micros > from_micros)),
  CONSTRAINT alias_subject_kind_check CHECK ((subject_kind = ANY (ARRAY[1, 2, 3])))
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
  uri text COLLATE "C" NOT NULL,
  code_key text COLLATE "C" NOT NULL,
  uri_key text COLLATE "C" NOT NULL,
  prerequisites text[] COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT competency_pkey PRIMARY KEY (district, competency_id),
  CONSTRAINT competency_code UNIQUE (district, framework_id, code) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT competency_prerequisites_check CHECK ((cardinality(prerequisites) <= 32)),
  CONSTRAINT competency_version_check CHECK ((version > 0))
);
CREATE TABLE competency_successor (
  district text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  counted_id text COLLATE "C" NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT competency_successor_pkey PRIMARY KEY (district, competency_id)
);
CREATE TABLE consumer_offset (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  topic_id uuid NOT NULL,
  next_offset bigint NOT NULL,
  CONSTRAINT consumer_offset_pkey PRIMARY KEY (consumer_group, topic, partition),
  CONSTRAINT consumer_offset_next_offset_check CHECK ((next_offset >= 0)),
  CONSTRAINT consumer_offset_partition_check CHECK ((partition >= 0))
);
CREATE TABLE dead_letter (
  dead_letter_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  key bytea,
  value bytea,
  headers json DEFAULT '[]'::json NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  receive_time timestamp with time zone DEFAULT now() NOT NULL,
  redrive_time timestamp with time zone,
  xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
  CONSTRAINT dead_letter_pkey PRIMARY KEY (dead_letter_id),
  CONSTRAINT dead_letter_consumer_group_topic_partition_record_offset_key UNIQUE (consumer_group, topic, partition, record_offset)
);
CREATE TABLE enrolment (
  district text COLLATE "C" NOT NULL,
  enrolment_id text COLLATE "C" NOT NULL,
  section_id text COLLATE "C" NOT NULL,
  person_kind smallint NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  begin_date date,
  last_date date,
  active boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT enrolment_pkey PRIMARY KEY (district, enrolment_id),
  CONSTRAINT enrolment_person_kind_check CHECK ((person_kind = ANY (ARRAY[1, 2]))),
  CONSTRAINT enrolment_version_check CHECK ((version > 0))
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
CREATE TABLE item_alignment (
  district text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  item text COLLATE "C" NOT NULL,
  kinds smallint[] NOT NULL,
  "values" text[] NOT NULL,
  frameworks text[] NOT NULL,
  weights_milli integer[] NOT NULL,
  maximum_milli bigint,
  dok smallint NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT item_alignment_pkey PRIMARY KEY (district, source, item),
  CONSTRAINT item_alignment_dok_check CHECK (((dok >= 0) AND (dok <= 4))),
  CONSTRAINT item_alignment_version_check CHECK ((version > 0))
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
  merged_into text COLLATE "C",
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT learner_pkey PRIMARY KEY (district, learner_id),
  CONSTRAINT learner_district_source_source_id_key UNIQUE (district, source, source_id),
  CONSTRAINT learner_state_check CHECK ((state = ANY (ARRAY[1, 2]))),
  CONSTRAINT learner_version_check CHECK ((version > 0))
);
CREATE TABLE learner_merge (
  district text COLLATE "C" NOT NULL,
  merge_id text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  into_id text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  note text NOT NULL,
  merge_time timestamp with time zone NOT NULL,
  undo_actor text,
  undo_time timestamp with time zone,
  CONSTRAINT learner_merge_pkey PRIMARY KEY (district, merge_id),
  CONSTRAINT learner_merge_check CHECK ((into_id <> learner_id))
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
  item text COLLATE "C",
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
CREATE TABLE pull_cursor (
  district text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  content text NOT NULL,
  put_time timestamp with time zone NOT NULL,
  CONSTRAINT pull_cursor_pkey PRIMARY KEY (district, source, name),
  CONSTRAINT pull_cursor_content_check CHECK ((octet_length(content) <= 4096))
);
CREATE TABLE quarantine (
  district text COLLATE "C" NOT NULL,
  quarantine_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  digest bytea NOT NULL,
  kind smallint NOT NULL,
  state smallint NOT NULL,
  due boolean DEFAULT false NOT NULL,
  looks integer DEFAULT 0 NOT NULL,
  "position" bigint NOT NULL,
  source text NOT NULL,
  event_id text NOT NULL,
  collection text DEFAULT ''::text NOT NULL,
  format smallint DEFAULT 0 NOT NULL,
  deleted boolean DEFAULT false NOT NULL,
  subject text COLLATE "C" DEFAULT ''::text NOT NULL,
  import_id text COLLATE "C",
  file text DEFAULT ''::text NOT NULL,
  line bigint NOT NULL,
  reason smallint NOT NULL,
  field text NOT NULL,
  message text NOT NULL,
  hint text NOT NULL,
  record bytea NOT NULL,
  record_length_bytes bigint NOT NULL,
  receive_time timestamp with time zone NOT NULL,
  state_time timestamp with time zone NOT NULL,
  actor text DEFAULT ''::text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  CONSTRAINT quarantine_pkey PRIMARY KEY (district, quarantine_id),
  CONSTRAINT quarantine_district_digest_key UNIQUE (district, digest),
  CONSTRAINT quarantine_digest_check CHECK ((octet_length(digest) = 16)),
  CONSTRAINT quarantine_kind_check CHECK ((kind = ANY (ARRAY[1, 2, 3]))),
  CONSTRAINT quarantine_line_check CHECK ((line >= 0)),
  CONSTRAINT quarantine_record_check CHECK ((octet_length(record) <= 65536)),
  CONSTRAINT quarantine_state_check CHECK ((state = ANY (ARRAY[1, 2, 3, 4])))
);
CREATE TABLE quarantine_wait (
  district text COLLATE "C" NOT NULL,
  awaited bytea NOT NULL,
  quarantine_id bigint NOT NULL,
  CONSTRAINT quarantine_wait_pkey PRIMARY KEY (district, awaited, quarantine_id),
  CONSTRAINT quarantine_wait_awaited_check CHECK ((octet_length(awaited) = 16))
);
CREATE TABLE relay_cursor (
  name text NOT NULL,
  system_identifier bigint NOT NULL,
  xact xid8 NOT NULL,
  "position" bigint NOT NULL,
  CONSTRAINT relay_cursor_pkey PRIMARY KEY (name)
);
CREATE TABLE relay_watermark (
  name text NOT NULL,
  "position" bigint NOT NULL,
  CONSTRAINT relay_watermark_pkey PRIMARY KEY (name),
  CONSTRAINT relay_watermark_position_check CHECK (("position" > 0))
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
CREATE TABLE resolution (
  district text COLLATE "C" NOT NULL,
  resolution_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  scope smallint NOT NULL,
  source text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  after_id bytea DEFAULT '\x'::bytea NOT NULL,
  pass smallint DEFAULT 1 NOT NULL,
  not_before timestamp with time zone NOT NULL,
  CONSTRAINT resolution_pkey PRIMARY KEY (district, resolution_id),
  CONSTRAINT resolution_pass_check CHECK ((pass = ANY (ARRAY[1, 2]))),
  CONSTRAINT resolution_scope_check CHECK ((scope = ANY (ARRAY[1, 2, 3, 4])))
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
CREATE TABLE section (
  district text COLLATE "C" NOT NULL,
  section_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  course_code text NOT NULL,
  subject text NOT NULL,
  grade text NOT NULL,
  term_ids text[] COLLATE "C" NOT NULL,
  periods text[] NOT NULL,
  active boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT section_pkey PRIMARY KEY (district, section_id),
  CONSTRAINT section_version_check CHECK ((version > 0))
);
CREATE TABLE source (
  district text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  time_zone text NOT NULL,
  objective_maximum_milli bigint NOT NULL,
  deletion_limit_milli integer NOT NULL,
  learners_org text NOT NULL,
  last_receive_time timestamp with time zone,
  last_occur_time timestamp with time zone,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT source_pkey PRIMARY KEY (district, source),
  CONSTRAINT source_deletion_limit_milli_check CHECK (((deletion_limit_milli >= 0) AND (deletion_limit_milli <= 1000))),
  CONSTRAINT source_objective_maximum_milli_check CHECK ((objective_maximum_milli > 0))
);
CREATE TABLE source_object (
  district text COLLATE "C" NOT NULL,
  collection text COLLATE "C" NOT NULL,
  object_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  parent_collection text COLLATE "C",
  parent_id text COLLATE "C",
  deleted boolean NOT NULL,
  modified_micros bigint DEFAULT 0 NOT NULL,
  modified_time timestamp with time zone NOT NULL,
  content jsonb NOT NULL,
  version bigint NOT NULL,
  digest bytea NOT NULL,
  import_id text COLLATE "C",
  seen_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  parts text[] DEFAULT '{}'::text[] NOT NULL,
  due boolean DEFAULT false NOT NULL,
  change_time timestamp with time zone NOT NULL,
  class_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{class,sourcedId}'::text[])) STORED,
  course_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{course,sourcedId}'::text[])) STORED,
  line_item_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{lineItem,sourcedId}'::text[])) STORED,
  assessment_line_item_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{assessmentLineItem,sourcedId}'::text[])) STORED,
  score_scale_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{scoreScale,sourcedId}'::text[])) STORED,
  org_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{org,sourcedId}'::text[])) STORED,
  school_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{school,sourcedId}'::text[])) STORED,
  student_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{student,sourcedId}'::text[])) STORED,
  user_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{user,sourcedId}'::text[])) STORED,
  role text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{role}'::text[])) STORED,
  assessment_id text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{assessmentReference,assessmentIdentifier}'::text[])) STORED,
  association_type text COLLATE "C" GENERATED ALWAYS AS ((content #>> '{associationType}'::text[])) STORED,
  CONSTRAINT source_object_pkey PRIMARY KEY (district, collection, object_id),
  CONSTRAINT source_object_check CHECK (((parent_id IS NULL) = (parent_collection IS NULL))),
  CONSTRAINT source_object_digest_check CHECK ((octet_length(digest) = 16)),
  CONSTRAINT source_object_version_check CHECK ((version > 0))
);
CREATE TABLE sync (
  district text COLLATE "C" NOT NULL,
  import_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  state smallint NOT NULL,
  bulk text[] COLLATE "C" NOT NULL,
  deleted_count bigint NOT NULL,
  begin_time timestamp with time zone NOT NULL,
  since_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  end_time timestamp with time zone,
  actor text NOT NULL,
  walk_collection text COLLATE "C" NOT NULL,
  walk_id text COLLATE "C" NOT NULL,
  counted_collections text[] COLLATE "C" NOT NULL,
  standing_counts bigint[] NOT NULL,
  missing_counts bigint[] NOT NULL,
  counted boolean NOT NULL,
  CONSTRAINT sync_pkey PRIMARY KEY (district, import_id),
  CONSTRAINT sync_state_check CHECK ((state = ANY (ARRAY[1, 2, 3, 4])))
);
CREATE TABLE term (
  district text COLLATE "C" NOT NULL,
  term_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  kind text NOT NULL,
  begin_date date NOT NULL,
  last_date date NOT NULL,
  school_year smallint NOT NULL,
  parent_id text COLLATE "C" NOT NULL,
  active boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT term_pkey PRIMARY KEY (district, term_id),
  CONSTRAINT term_version_check CHECK ((version > 0))
);
CREATE TABLE withdrawn_import (
  district text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  import_id text COLLATE "C" NOT NULL,
  withdraw_time timestamp with time zone NOT NULL,
  CONSTRAINT withdrawn_import_pkey PRIMARY KEY (district, source, import_id)
);

-- Foreign keys.

ALTER TABLE adult ADD CONSTRAINT adult_district_school_id_fkey FOREIGN KEY (district, school_id) REFERENCES school(district, school_id);
ALTER TABLE competency ADD CONSTRAINT competency_district_framework_id_fkey FOREIGN KEY (district, framework_id) REFERENCES framework(district, framework_id);
ALTER TABLE competency_successor ADD CONSTRAINT competency_successor_district_counted_id_fkey FOREIGN KEY (district, counted_id) REFERENCES competency(district, competency_id);
ALTER TABLE enrolment ADD CONSTRAINT enrolment_district_section_id_fkey FOREIGN KEY (district, section_id) REFERENCES section(district, section_id);
ALTER TABLE learner ADD CONSTRAINT learner_district_merged_into_fkey FOREIGN KEY (district, merged_into) REFERENCES learner(district, learner_id);
ALTER TABLE learner ADD CONSTRAINT learner_district_school_id_fkey FOREIGN KEY (district, school_id) REFERENCES school(district, school_id);
ALTER TABLE learner_merge ADD CONSTRAINT learner_merge_district_into_id_fkey FOREIGN KEY (district, into_id) REFERENCES learner(district, learner_id);
ALTER TABLE learner_merge ADD CONSTRAINT learner_merge_district_learner_id_fkey FOREIGN KEY (district, learner_id) REFERENCES learner(district, learner_id);
ALTER TABLE quarantine_wait ADD CONSTRAINT quarantine_wait_district_quarantine_id_fkey FOREIGN KEY (district, quarantine_id) REFERENCES quarantine(district, quarantine_id) ON DELETE CASCADE;
ALTER TABLE relay_watermark ADD CONSTRAINT relay_watermark_name_fkey FOREIGN KEY (name) REFERENCES relay_cursor(name) ON DELETE CASCADE;
ALTER TABLE section ADD CONSTRAINT section_district_school_id_fkey FOREIGN KEY (district, school_id) REFERENCES school(district, school_id);

-- Indexes.

CREATE INDEX adult_school ON public.adult USING btree (district, school_id, adult_id);
CREATE INDEX alias_subject ON public.alias USING btree (district, subject_id, subject_kind);
CREATE INDEX competency_code_key ON public.competency USING btree (district, code_key);
CREATE INDEX competency_framework ON public.competency USING btree (district, framework_id, competency_id);
CREATE INDEX competency_uri_key ON public.competency USING btree (district, uri_key) WHERE (uri_key <> ''::text);
CREATE INDEX competency_successor_counted ON public.competency_successor USING btree (district, counted_id);
CREATE INDEX dead_letter_commit_order ON public.dead_letter USING btree (xact, dead_letter_id);
CREATE INDEX enrolment_person ON public.enrolment USING btree (district, person_kind, person_id);
CREATE INDEX enrolment_section ON public.enrolment USING btree (district, section_id, enrolment_id);
CREATE INDEX learner_merged_into ON public.learner USING btree (district, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX learner_school ON public.learner USING btree (district, school_id, learner_id);
CREATE UNIQUE INDEX learner_merge_standing ON public.learner_merge USING btree (district, learner_id) WHERE (undo_time IS NULL);
CREATE INDEX ledger_import ON public.ledger USING btree (district, import_id, "position") WHERE (import_id IS NOT NULL);
CREATE INDEX ledger_item ON public.ledger USING btree (district, source, item, "position") WHERE (item IS NOT NULL);
CREATE INDEX ledger_learner ON public.ledger USING btree (district, learner_id, occur_time DESC, "position" DESC) WHERE (kind <> 3);
CREATE INDEX ledger_published ON public.ledger USING btree (xact, "position") WHERE (event IS NOT NULL);
CREATE INDEX quarantine_due ON public.quarantine USING btree (district, quarantine_id) WHERE due;
CREATE INDEX quarantine_import ON public.quarantine USING btree (district, import_id, quarantine_id) WHERE (import_id IS NOT NULL);
CREATE INDEX quarantine_open ON public.quarantine USING btree (district, source, reason) WHERE (state = ANY (ARRAY[1, 2]));
CREATE INDEX quarantine_subject ON public.quarantine USING btree (district, subject) WHERE (subject <> ''::text);
CREATE INDEX quarantine_unlooked ON public.quarantine USING btree (district, state_time) WHERE ((kind = 1) AND (state = 2) AND (looks = 0));
CREATE INDEX quarantine_wait_of ON public.quarantine_wait USING btree (district, quarantine_id);
CREATE INDEX request_log_answer_time ON public.request_log USING btree (district, answer_time);
CREATE INDEX resolution_subject ON public.resolution USING btree (district, scope, source, subject);
CREATE INDEX section_school ON public.section USING btree (district, school_id, section_id);
CREATE INDEX source_object_assessment_id ON public.source_object USING btree (district, collection, assessment_id, object_id) WHERE (assessment_id IS NOT NULL);
CREATE INDEX source_object_assessment_line_item_id ON public.source_object USING btree (district, collection, assessment_line_item_id, object_id) WHERE (assessment_line_item_id IS NOT NULL);
CREATE INDEX source_object_association_type ON public.source_object USING btree (district, collection, association_type, object_id) WHERE (association_type IS NOT NULL);
CREATE INDEX source_object_change ON public.source_object USING btree (district, collection, change_time, object_id);
CREATE INDEX source_object_class_id ON public.source_object USING btree (district, collection, class_id, object_id) WHERE (class_id IS NOT NULL);
CREATE INDEX source_object_course_id ON public.source_object USING btree (district, collection, course_id, object_id) WHERE (course_id IS NOT NULL);
CREATE INDEX source_object_due ON public.source_object USING btree (district, collection, object_id) WHERE due;
CREATE INDEX source_object_line_item_id ON public.source_object USING btree (district, collection, line_item_id, object_id) WHERE (line_item_id IS NOT NULL);
CREATE INDEX source_object_org_id ON public.source_object USING btree (district, collection, org_id, object_id) WHERE (org_id IS NOT NULL);
CREATE INDEX source_object_parent ON public.source_object USING btree (district, parent_collection, parent_id, collection) WHERE (parent_id IS NOT NULL);
CREATE INDEX source_object_role ON public.source_object USING btree (district, collection, role, object_id) WHERE (role IS NOT NULL);
CREATE INDEX source_object_school_id ON public.source_object USING btree (district, collection, school_id, object_id) WHERE (school_id IS NOT NULL);
CREATE INDEX source_object_score_scale_id ON public.source_object USING btree (district, collection, score_scale_id, object_id) WHERE (score_scale_id IS NOT NULL);
CREATE INDEX source_object_student_id ON public.source_object USING btree (district, collection, student_id, object_id) WHERE (student_id IS NOT NULL);
CREATE INDEX source_object_user_id ON public.source_object USING btree (district, collection, user_id, object_id) WHERE (user_id IS NOT NULL);
CREATE INDEX sync_source ON public.sync USING btree (district, source, begin_time);

-- Row-level security.

ALTER TABLE adult ENABLE ROW LEVEL SECURITY;
ALTER TABLE adult FORCE ROW LEVEL SECURITY;
ALTER TABLE alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE alias FORCE ROW LEVEL SECURITY;
ALTER TABLE competency ENABLE ROW LEVEL SECURITY;
ALTER TABLE competency FORCE ROW LEVEL SECURITY;
ALTER TABLE competency_successor ENABLE ROW LEVEL SECURITY;
ALTER TABLE competency_successor FORCE ROW LEVEL SECURITY;
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
ALTER TABLE framework ENABLE ROW LEVEL SECURITY;
ALTER TABLE framework FORCE ROW LEVEL SECURITY;
ALTER TABLE import_withdrawal ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_withdrawal FORCE ROW LEVEL SECURITY;
ALTER TABLE item_alignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE item_alignment FORCE ROW LEVEL SECURITY;
ALTER TABLE learner ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner FORCE ROW LEVEL SECURITY;
ALTER TABLE learner_merge ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner_merge FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger FORCE ROW LEVEL SECURITY;
ALTER TABLE pull_cursor ENABLE ROW LEVEL SECURITY;
ALTER TABLE pull_cursor FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantine FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantine_wait ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantine_wait FORCE ROW LEVEL SECURITY;
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;
ALTER TABLE resolution ENABLE ROW LEVEL SECURITY;
ALTER TABLE resolution FORCE ROW LEVEL SECURITY;
ALTER TABLE school ENABLE ROW LEVEL SECURITY;
ALTER TABLE school FORCE ROW LEVEL SECURITY;
ALTER TABLE section ENABLE ROW LEVEL SECURITY;
ALTER TABLE section FORCE ROW LEVEL SECURITY;
ALTER TABLE source ENABLE ROW LEVEL SECURITY;
ALTER TABLE source FORCE ROW LEVEL SECURITY;
ALTER TABLE source_object ENABLE ROW LEVEL SECURITY;
ALTER TABLE source_object FORCE ROW LEVEL SECURITY;
ALTER TABLE sync ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync FORCE ROW LEVEL SECURITY;
ALTER TABLE term ENABLE ROW LEVEL SECURITY;
ALTER TABLE term FORCE ROW LEVEL SECURITY;
ALTER TABLE withdrawn_import ENABLE ROW LEVEL SECURITY;
ALTER TABLE withdrawn_import FORCE ROW LEVEL SECURITY;

-- Policies.

CREATE POLICY adult_api ON adult AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY adult_worker ON adult AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY alias_api ON alias AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY competency_api ON competency AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY competency_worker ON competency AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY competency_successor_api ON competency_successor AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY enrolment_api ON enrolment AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY framework_api ON framework AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY framework_worker ON framework AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY import_withdrawal_api ON import_withdrawal AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY item_alignment_api ON item_alignment AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_api ON learner AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_worker ON learner AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY learner_merge_api ON learner_merge AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY ledger_api ON ledger AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY ledger_worker ON ledger AS PERMISSIVE FOR SELECT TO evidence_worker USING (true);
CREATE POLICY pull_cursor_api ON pull_cursor AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY quarantine_api ON quarantine AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY quarantine_worker ON quarantine AS PERMISSIVE FOR SELECT TO evidence_worker USING (true);
CREATE POLICY quarantine_wait_api ON quarantine_wait AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY request_log_api ON request_log AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY resolution_api ON resolution AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY resolution_worker ON resolution AS PERMISSIVE FOR SELECT TO evidence_worker USING (true);
CREATE POLICY school_api ON school AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY school_worker ON school AS PERMISSIVE FOR ALL TO evidence_worker USING (true);
CREATE POLICY section_api ON section AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY source_api ON source AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY source_worker ON source AS PERMISSIVE FOR SELECT TO evidence_worker USING (true);
CREATE POLICY source_object_api ON source_object AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY source_object_worker ON source_object AS PERMISSIVE FOR SELECT TO evidence_worker USING (true);
CREATE POLICY sync_api ON sync AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY term_api ON term AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY withdrawn_import_api ON withdrawn_import AS PERMISSIVE FOR ALL TO evidence_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));

-- Grants.

GRANT INSERT, SELECT, UPDATE ON TABLE adult TO evidence_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE alias TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE competency TO evidence_api;
GRANT SELECT ON TABLE competency TO evidence_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE competency_successor TO evidence_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE consumer_offset TO evidence_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE dead_letter TO evidence_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE enrolment TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE framework TO evidence_api;
GRANT SELECT ON TABLE framework TO evidence_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE import_withdrawal TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE item_alignment TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE learner TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE learner_merge TO evidence_api;
GRANT INSERT, SELECT ON TABLE ledger TO evidence_api;
GRANT USAGE ON SEQUENCE ledger_position TO evidence_api;
GRANT SELECT ON SEQUENCE ledger_position TO evidence_worker;
GRANT INSERT ON TABLE outbox TO evidence_api;
GRANT DELETE, INSERT, SELECT ON TABLE outbox TO evidence_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE pull_cursor TO evidence_api;
GRANT INSERT, SELECT ON TABLE quarantine TO evidence_api;
GRANT DELETE, INSERT, SELECT ON TABLE quarantine_wait TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE relay_cursor TO evidence_worker;
GRANT SELECT ON TABLE relay_watermark TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE relay_watermark TO evidence_worker;
GRANT DELETE, INSERT, SELECT ON TABLE request_log TO evidence_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE resolution TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE school TO evidence_api;
GRANT SELECT ON TABLE school TO evidence_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE section TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE source TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE source_object TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE sync TO evidence_api;
GRANT INSERT, SELECT, UPDATE ON TABLE term TO evidence_api;
GRANT INSERT, SELECT ON TABLE withdrawn_import TO evidence_api;
GRANT SELECT (active, adult_id, change_time, district, school_id, subjects, version) ON TABLE adult TO evidence_worker;
GRANT SELECT (change_time, district, enrol_date, grade, learner_id, merged_into, school_id, state, version, withdraw_date) ON TABLE learner TO evidence_worker;
GRANT SELECT (district, event, kind, learner_id, "position", receive_time, xact) ON TABLE ledger TO evidence_worker;
GRANT UPDATE (actor, due, event_id, field, hint, import_id, looks, message, note, "position", reason, receive_time, record, record_length_bytes, state, state_time) ON TABLE quarantine TO evidence_api;
GRANT SELECT (district, due, kind, looks, quarantine_id, reason, source, state, state_time) ON TABLE quarantine TO evidence_worker;
GRANT SELECT (district, not_before, resolution_id) ON TABLE resolution TO evidence_worker;
GRANT SELECT (district) ON TABLE source TO evidence_worker;
GRANT SELECT (district, due) ON TABLE source_object TO evidence_worker;

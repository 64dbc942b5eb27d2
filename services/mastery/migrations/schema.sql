-- What the migrations in this folder add up to. Written by a command, compared by a test:
-- never edit it, never run it against a database that holds data.
SET check_function_bodies = off;

-- Schemas and extensions.

CREATE SCHEMA rebuild;
CREATE SCHEMA state_a;
CREATE SCHEMA state_b;

-- Tables.

CREATE TABLE changed_key (
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
  CONSTRAINT changed_key_pkey PRIMARY KEY (district, learner_id, competency)
) WITH (fillfactor=70);
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
CREATE TABLE epoch (
  district text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  effective_us bigint NOT NULL,
  retroactive boolean NOT NULL,
  difficulties_of bigint NOT NULL,
  reference_d64 smallint NOT NULL,
  weights jsonb NOT NULL,
  difficulties_digest bytea NOT NULL,
  item_count integer NOT NULL,
  response_count bigint NOT NULL,
  covered_count bigint NOT NULL,
  note text NOT NULL,
  actor text NOT NULL,
  create_time timestamp with time zone NOT NULL,
  CONSTRAINT epoch_pkey PRIMARY KEY (district, version),
  CONSTRAINT epoch_check CHECK (((difficulties_of >= 0) AND (difficulties_of <= version))),
  CONSTRAINT epoch_covered_count_check CHECK ((covered_count >= 0)),
  CONSTRAINT epoch_difficulties_digest_check CHECK ((octet_length(difficulties_digest) = 32)),
  CONSTRAINT epoch_effective_us_check CHECK ((effective_us >= 0)),
  CONSTRAINT epoch_item_count_check CHECK ((item_count >= 0)),
  CONSTRAINT epoch_response_count_check CHECK ((response_count >= 0)),
  CONSTRAINT epoch_version_check CHECK ((version > 0)),
  CONSTRAINT epoch_weights_check CHECK ((octet_length((weights)::text) <= 4096))
);
CREATE TABLE epoch_item (
  version bigint NOT NULL,
  item_key bigint NOT NULL,
  d64 smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT epoch_item_pkey PRIMARY KEY (district, version, item_key)
);
CREATE TABLE epoch_reference (
  version bigint NOT NULL,
  d64 smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  CONSTRAINT epoch_reference_pkey PRIMARY KEY (district, version, competency)
);
CREATE TABLE live_state (
  singleton boolean DEFAULT true NOT NULL,
  schema_name text NOT NULL,
  generation bigint NOT NULL,
  swap_time timestamp with time zone,
  CONSTRAINT live_state_pkey PRIMARY KEY (singleton),
  CONSTRAINT live_state_generation_check CHECK ((generation > 0)),
  CONSTRAINT live_state_schema_name_check CHECK ((schema_name = ANY (ARRAY['state_a'::text, 'state_b'::text]))),
  CONSTRAINT live_state_singleton_check CHECK (singleton)
);
CREATE TABLE partition_watermark (
  partition integer NOT NULL,
  "position" bigint NOT NULL,
  partition_count integer NOT NULL,
  CONSTRAINT partition_watermark_pkey PRIMARY KEY (partition),
  CONSTRAINT partition_watermark_partition_check CHECK ((partition >= 0)),
  CONSTRAINT partition_watermark_partition_count_check CHECK ((partition_count > 0)),
  CONSTRAINT partition_watermark_position_check CHECK (("position" > 0))
) WITH (fillfactor=70);
CREATE TABLE policy (
  district text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  effective_us bigint NOT NULL,
  document jsonb NOT NULL,
  note text NOT NULL,
  actor text NOT NULL,
  create_time timestamp with time zone NOT NULL,
  CONSTRAINT policy_pkey PRIMARY KEY (district, version),
  CONSTRAINT policy_document_check CHECK ((octet_length((document)::text) <= 65536)),
  CONSTRAINT policy_effective_us_check CHECK ((effective_us >= 0)),
  CONSTRAINT policy_version_check CHECK ((version > 0))
);
CREATE TABLE policy_publication (
  district text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  learner_id text COLLATE "C" DEFAULT ''::text NOT NULL,
  competency text COLLATE "C" DEFAULT ''::text NOT NULL,
  complete boolean DEFAULT false NOT NULL,
  CONSTRAINT policy_publication_pkey PRIMARY KEY (district),
  CONSTRAINT policy_publication_version_check CHECK ((version > 0))
);
CREATE TABLE published_status (
  since_us bigint NOT NULL,
  flip_number bigint NOT NULL,
  told_flip bigint DEFAULT 0 NOT NULL,
  version bigint NOT NULL,
  policy_version bigint NOT NULL,
  basis_us bigint,
  basis_r_sum bigint,
  status smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  reading bytea NOT NULL,
  explanation text NOT NULL,
  CONSTRAINT published_status_pkey PRIMARY KEY (district, learner_id, competency),
  CONSTRAINT published_status_check CHECK ((told_flip <= flip_number)),
  CONSTRAINT published_status_check1 CHECK (((basis_us IS NULL) = (basis_r_sum IS NULL))),
  CONSTRAINT published_status_flip_number_check CHECK ((flip_number >= 0)),
  CONSTRAINT published_status_status_check CHECK (((status >= 1) AND (status <= 5)))
) WITH (fillfactor=70);
CREATE TABLE relay_cursor (
  name text NOT NULL,
  system_identifier bigint NOT NULL,
  xact xid8 NOT NULL,
  "position" bigint NOT NULL,
  CONSTRAINT relay_cursor_pkey PRIMARY KEY (name)
);
CREATE TABLE retention_seal (
  seq bigint NOT NULL,
  horizon_us bigint NOT NULL,
  ledger_position bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  lift_time timestamp with time zone,
  district text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  CONSTRAINT retention_seal_pkey PRIMARY KEY (district, seq),
  CONSTRAINT retention_seal_ledger_position_check CHECK ((ledger_position >= 0)),
  CONSTRAINT retention_seal_seq_check CHECK ((seq > 0))
);
CREATE TABLE state_a.district_position (
  ledger_position bigint NOT NULL,
  partition integer NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT district_position_pkey PRIMARY KEY (district, partition)
) WITH (fillfactor=70);
CREATE TABLE state_a.evidence_alignment (
  version bigint NOT NULL,
  ledger_position bigint NOT NULL,
  occur_time_us bigint,
  item_key bigint,
  r integer,
  i integer,
  learner_r integer,
  learner_i integer,
  score integer,
  local_day integer,
  items_on_competency integer,
  ordinal smallint NOT NULL,
  weight_milli smallint,
  scale smallint,
  kind smallint,
  purpose smallint,
  dok smallint,
  live boolean NOT NULL,
  timed boolean,
  evidence_id uuid NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C",
  occasion text COLLATE "C",
  content_hash bytea NOT NULL,
  CONSTRAINT evidence_alignment_pkey PRIMARY KEY (district, learner_id, evidence_id, ordinal),
  CONSTRAINT evidence_alignment_ordinal_check CHECK (((ordinal >= 0) AND (ordinal <= 7)))
);
CREATE TABLE state_a.folded_epoch (
  version bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT folded_epoch_pkey PRIMARY KEY (district, version)
);
CREATE TABLE state_a.learner_state (
  evidence_count bigint NOT NULL,
  r_sum bigint NOT NULL,
  i_sum bigint NOT NULL,
  version bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  CONSTRAINT learner_state_pkey PRIMARY KEY (district, learner_id)
) WITH (fillfactor=70);
CREATE TABLE state_a.mastery_state (
  evidence_count bigint NOT NULL,
  r_sum bigint NOT NULL,
  i_sum bigint NOT NULL,
  deep_count bigint NOT NULL,
  untimed_count bigint NOT NULL,
  version bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  CONSTRAINT mastery_state_pkey PRIMARY KEY (district, learner_id, competency)
) WITH (fillfactor=70);
CREATE TABLE state_a.occasion (
  score_sum bigint NOT NULL,
  score_count bigint NOT NULL,
  newest_time_us bigint NOT NULL,
  share_sum bigint,
  r_sum bigint,
  i_sum bigint,
  deep_count bigint,
  untimed_count bigint,
  learner_share_sum bigint,
  learner_r_sum bigint,
  learner_i_sum bigint,
  local_day integer NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  occasion text COLLATE "C" NOT NULL,
  CONSTRAINT occasion_pkey PRIMARY KEY (district, learner_id, competency, occasion)
) WITH (fillfactor=80);
CREATE TABLE state_a.seal (
  seq bigint NOT NULL,
  horizon_us bigint NOT NULL,
  ledger_position bigint NOT NULL,
  pruned boolean DEFAULT false NOT NULL,
  pruned_learner text COLLATE "C" DEFAULT ''::text NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT seal_pkey PRIMARY KEY (district, seq)
);
CREATE TABLE state_a.sealed_evidence (
  bucket smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  evidence_ids uuid[] NOT NULL,
  versions bigint[] NOT NULL,
  content_hashes uuid[] NOT NULL,
  CONSTRAINT sealed_evidence_pkey PRIMARY KEY (district, learner_id, bucket),
  CONSTRAINT sealed_evidence_bucket_check CHECK (((bucket >= 0) AND (bucket <= 255))),
  CONSTRAINT sealed_evidence_check CHECK (((cardinality(evidence_ids) = cardinality(versions)) AND (cardinality(evidence_ids) = cardinality(content_hashes))))
);
CREATE TABLE state_a.sealed_occasion (
  score_sum bigint NOT NULL,
  score_count bigint NOT NULL,
  newest_time_us bigint NOT NULL,
  r_sum bigint NOT NULL,
  i_sum bigint NOT NULL,
  deep_count bigint NOT NULL,
  untimed_count bigint NOT NULL,
  share_sum bigint,
  learner_count bigint NOT NULL,
  learner_r_sum bigint NOT NULL,
  learner_i_sum bigint NOT NULL,
  learner_share_sum bigint,
  local_day integer NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  occasion text COLLATE "C" NOT NULL,
  CONSTRAINT sealed_occasion_pkey PRIMARY KEY (district, learner_id, competency, occasion)
);
CREATE TABLE state_b.district_position (
  ledger_position bigint NOT NULL,
  partition integer NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT district_position_pkey PRIMARY KEY (district, partition)
) WITH (fillfactor=70);
CREATE TABLE state_b.evidence_alignment (
  version bigint NOT NULL,
  ledger_position bigint NOT NULL,
  occur_time_us bigint,
  item_key bigint,
  r integer,
  i integer,
  learner_r integer,
  learner_i integer,
  score integer,
  local_day integer,
  items_on_competency integer,
  ordinal smallint NOT NULL,
  weight_milli smallint,
  scale smallint,
  kind smallint,
  purpose smallint,
  dok smallint,
  live boolean NOT NULL,
  timed boolean,
  evidence_id uuid NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C",
  occasion text COLLATE "C",
  content_hash bytea NOT NULL,
  CONSTRAINT evidence_alignment_pkey PRIMARY KEY (district, learner_id, evidence_id, ordinal),
  CONSTRAINT evidence_alignment_ordinal_check CHECK (((ordinal >= 0) AND (ordinal <= 7)))
);
CREATE TABLE state_b.folded_epoch (
  version bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT folded_epoch_pkey PRIMARY KEY (district, version)
);
CREATE TABLE state_b.learner_state (
  evidence_count bigint NOT NULL,
  r_sum bigint NOT NULL,
  i_sum bigint NOT NULL,
  version bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  CONSTRAINT learner_state_pkey PRIMARY KEY (district, learner_id)
) WITH (fillfactor=70);
CREATE TABLE state_b.mastery_state (
  evidence_count bigint NOT NULL,
  r_sum bigint NOT NULL,
  i_sum bigint NOT NULL,
  deep_count bigint NOT NULL,
  untimed_count bigint NOT NULL,
  version bigint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  CONSTRAINT mastery_state_pkey PRIMARY KEY (district, learner_id, competency)
) WITH (fillfactor=70);
CREATE TABLE state_b.occasion (
  score_sum bigint NOT NULL,
  score_count bigint NOT NULL,
  newest_time_us bigint NOT NULL,
  share_sum bigint,
  r_sum bigint,
  i_sum bigint,
  deep_count bigint,
  untimed_count bigint,
  learner_share_sum bigint,
  learner_r_sum bigint,
  learner_i_sum bigint,
  local_day integer NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  occasion text COLLATE "C" NOT NULL,
  CONSTRAINT occasion_pkey PRIMARY KEY (district, learner_id, competency, occasion)
) WITH (fillfactor=80);
CREATE TABLE state_b.seal (
  seq bigint NOT NULL,
  horizon_us bigint NOT NULL,
  ledger_position bigint NOT NULL,
  pruned boolean DEFAULT false NOT NULL,
  pruned_learner text COLLATE "C" DEFAULT ''::text NOT NULL,
  district text COLLATE "C" NOT NULL,
  CONSTRAINT seal_pkey PRIMARY KEY (district, seq)
);
CREATE TABLE state_b.sealed_evidence (
  bucket smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  evidence_ids uuid[] NOT NULL,
  versions bigint[] NOT NULL,
  content_hashes uuid[] NOT NULL,
  CONSTRAINT sealed_evidence_pkey PRIMARY KEY (district, learner_id, bucket),
  CONSTRAINT sealed_evidence_bucket_check CHECK (((bucket >= 0) AND (bucket <= 255))),
  CONSTRAINT sealed_evidence_check CHECK (((cardinality(evidence_ids) = cardinality(versions)) AND (cardinality(evidence_ids) = cardinality(content_hashes))))
);
CREATE TABLE state_b.sealed_occasion (
  score_sum bigint NOT NULL,
  score_count bigint NOT NULL,
  newest_time_us bigint NOT NULL,
  r_sum bigint NOT NULL,
  i_sum bigint NOT NULL,
  deep_count bigint NOT NULL,
  untimed_count bigint NOT NULL,
  share_sum bigint,
  learner_count bigint NOT NULL,
  learner_r_sum bigint NOT NULL,
  learner_i_sum bigint NOT NULL,
  learner_share_sum bigint,
  local_day integer NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  occasion text COLLATE "C" NOT NULL,
  CONSTRAINT sealed_occasion_pkey PRIMARY KEY (district, learner_id, competency, occasion)
);
CREATE TABLE status_flip (
  flip_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  flip_number bigint NOT NULL,
  flip_us bigint NOT NULL,
  version bigint NOT NULL,
  policy_version bigint NOT NULL,
  evidence_count bigint NOT NULL,
  p_half_micro integer NOT NULL,
  p_seven_micro integer NOT NULL,
  p_eight_micro integer NOT NULL,
  p_nine_micro integer NOT NULL,
  success_micro integer NOT NULL,
  current_level_milli integer,
  before_status smallint NOT NULL,
  after_status smallint NOT NULL,
  decision smallint NOT NULL,
  cause smallint NOT NULL,
  district text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency text COLLATE "C" NOT NULL,
  explanation text NOT NULL,
  evidence uuid[] NOT NULL,
  CONSTRAINT status_flip_pkey PRIMARY KEY (district, learner_id, competency, flip_number),
  CONSTRAINT status_flip_cause_check CHECK (((cause >= 1) AND (cause <= 6))),
  CONSTRAINT status_flip_check CHECK ((after_status <> before_status)),
  CONSTRAINT status_flip_evidence_check CHECK ((cardinality(evidence) <= 5)),
  CONSTRAINT status_flip_flip_number_check CHECK ((flip_number > 0))
);

-- Indexes.

CREATE INDEX dead_letter_commit_order ON public.dead_letter USING btree (xact, dead_letter_id);
CREATE INDEX evidence_alignment_competency_window ON state_a.evidence_alignment USING btree (district, learner_id, competency, occur_time_us DESC, evidence_id DESC) WHERE (live AND (purpose <> 3));
CREATE INDEX evidence_alignment_learner_window ON state_a.evidence_alignment USING btree (district, learner_id, occur_time_us DESC, evidence_id DESC) WHERE (live AND (ordinal = 0) AND (purpose <> 3));
CREATE INDEX evidence_alignment_test ON state_a.evidence_alignment USING btree (district, learner_id, competency, occasion) WHERE (live AND (purpose = 3));
CREATE INDEX occasion_test ON state_a.occasion USING btree (district, learner_id, newest_time_us DESC, occasion DESC, competency DESC) WHERE (learner_share_sum > 0);
CREATE INDEX evidence_alignment_competency_window ON state_b.evidence_alignment USING btree (district, learner_id, competency, occur_time_us DESC, evidence_id DESC) WHERE (live AND (purpose <> 3));
CREATE INDEX evidence_alignment_learner_window ON state_b.evidence_alignment USING btree (district, learner_id, occur_time_us DESC, evidence_id DESC) WHERE (live AND (ordinal = 0) AND (purpose <> 3));
CREATE INDEX evidence_alignment_test ON state_b.evidence_alignment USING btree (district, learner_id, competency, occasion) WHERE (live AND (purpose = 3));
CREATE INDEX occasion_test ON state_b.occasion USING btree (district, learner_id, newest_time_us DESC, occasion DESC, competency DESC) WHERE (learner_share_sum > 0);
CREATE INDEX status_flip_of_district ON public.status_flip USING btree (district, flip_us, flip_id);
CREATE INDEX status_flip_of_learner ON public.status_flip USING btree (district, learner_id, flip_us, flip_id);

-- Row-level security.

ALTER TABLE changed_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE changed_key FORCE ROW LEVEL SECURITY;
ALTER TABLE epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch FORCE ROW LEVEL SECURITY;
ALTER TABLE epoch_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch_item FORCE ROW LEVEL SECURITY;
ALTER TABLE epoch_reference ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch_reference FORCE ROW LEVEL SECURITY;
ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
ALTER TABLE policy_publication ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy_publication FORCE ROW LEVEL SECURITY;
ALTER TABLE published_status ENABLE ROW LEVEL SECURITY;
ALTER TABLE published_status FORCE ROW LEVEL SECURITY;
ALTER TABLE retention_seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention_seal FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.district_position ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.district_position FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.evidence_alignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.evidence_alignment FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.folded_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.folded_epoch FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.learner_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.learner_state FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.mastery_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.mastery_state FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.seal FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_evidence FORCE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_a.sealed_occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.district_position ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.district_position FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.evidence_alignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.evidence_alignment FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.folded_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.folded_epoch FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.learner_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.learner_state FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.mastery_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.mastery_state FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.seal FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_evidence FORCE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_occasion ENABLE ROW LEVEL SECURITY;
ALTER TABLE state_b.sealed_occasion FORCE ROW LEVEL SECURITY;
ALTER TABLE status_flip ENABLE ROW LEVEL SECURITY;
ALTER TABLE status_flip FORCE ROW LEVEL SECURITY;

-- Policies.

CREATE POLICY changed_key_worker ON changed_key AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY epoch_api ON epoch AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY epoch_worker ON epoch AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY epoch_item_api ON epoch_item AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY epoch_item_worker ON epoch_item AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY epoch_reference_api ON epoch_reference AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY epoch_reference_worker ON epoch_reference AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY policy_api ON policy AS PERMISSIVE FOR ALL TO mastery_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY policy_worker ON policy AS PERMISSIVE FOR SELECT TO mastery_worker USING (true);
CREATE POLICY policy_publication_worker ON policy_publication AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY published_status_api ON published_status AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY published_status_worker ON published_status AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY retention_seal_worker ON retention_seal AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY district_position_api ON state_a.district_position AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY district_position_worker ON state_a.district_position AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY evidence_alignment_api ON state_a.evidence_alignment AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY evidence_alignment_worker ON state_a.evidence_alignment AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY folded_epoch_api ON state_a.folded_epoch AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY folded_epoch_worker ON state_a.folded_epoch AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY learner_state_api ON state_a.learner_state AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_state_worker ON state_a.learner_state AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY mastery_state_api ON state_a.mastery_state AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY mastery_state_worker ON state_a.mastery_state AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY occasion_api ON state_a.occasion AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY occasion_worker ON state_a.occasion AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY seal_api ON state_a.seal AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY seal_worker ON state_a.seal AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_evidence_api ON state_a.sealed_evidence AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY sealed_evidence_worker ON state_a.sealed_evidence AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_occasion_api ON state_a.sealed_occasion AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY sealed_occasion_worker ON state_a.sealed_occasion AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY district_position_api ON state_b.district_position AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY district_position_worker ON state_b.district_position AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY evidence_alignment_api ON state_b.evidence_alignment AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY evidence_alignment_worker ON state_b.evidence_alignment AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY folded_epoch_api ON state_b.folded_epoch AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY folded_epoch_worker ON state_b.folded_epoch AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY learner_state_api ON state_b.learner_state AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_state_worker ON state_b.learner_state AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY mastery_state_api ON state_b.mastery_state AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY mastery_state_worker ON state_b.mastery_state AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY occasion_api ON state_b.occasion AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY occasion_worker ON state_b.occasion AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY seal_api ON state_b.seal AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY seal_worker ON state_b.seal AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_evidence_api ON state_b.sealed_evidence AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY sealed_evidence_worker ON state_b.sealed_evidence AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_occasion_api ON state_b.sealed_occasion AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY sealed_occasion_worker ON state_b.sealed_occasion AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);
CREATE POLICY status_flip_api ON status_flip AS PERMISSIVE FOR SELECT TO mastery_api USING ((district = current_setting('app.district'::text, true)));
CREATE POLICY status_flip_worker ON status_flip AS PERMISSIVE FOR ALL TO mastery_worker USING (true) WITH CHECK (true);

-- Grants.

GRANT CREATE, USAGE ON SCHEMA rebuild TO mastery_worker;
GRANT USAGE ON SCHEMA state_a TO mastery_api;
GRANT USAGE ON SCHEMA state_a TO mastery_worker;
GRANT USAGE ON SCHEMA state_b TO mastery_api;
GRANT USAGE ON SCHEMA state_b TO mastery_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE changed_key TO mastery_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE consumer_offset TO mastery_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE dead_letter TO mastery_worker;
GRANT SELECT ON TABLE epoch TO mastery_api;
GRANT INSERT, SELECT ON TABLE epoch TO mastery_worker;
GRANT SELECT ON TABLE epoch_item TO mastery_api;
GRANT INSERT, SELECT ON TABLE epoch_item TO mastery_worker;
GRANT SELECT ON TABLE epoch_reference TO mastery_api;
GRANT INSERT, SELECT ON TABLE epoch_reference TO mastery_worker;
GRANT SELECT ON TABLE live_state TO mastery_api;
GRANT SELECT, UPDATE ON TABLE live_state TO mastery_worker;
GRANT SELECT ON TABLE partition_watermark TO mastery_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE partition_watermark TO mastery_worker;
GRANT INSERT, SELECT ON TABLE policy TO mastery_api;
GRANT SELECT ON TABLE policy TO mastery_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE policy_publication TO mastery_worker;
GRANT SELECT ON TABLE published_status TO mastery_api;
GRANT INSERT, SELECT, UPDATE ON TABLE published_status TO mastery_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE relay_cursor TO mastery_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE retention_seal TO mastery_worker;
GRANT SELECT ON TABLE state_a.district_position TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.district_position TO mastery_worker;
GRANT SELECT ON TABLE state_a.evidence_alignment TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.evidence_alignment TO mastery_worker;
GRANT SELECT ON TABLE state_a.folded_epoch TO mastery_api;
GRANT INSERT, SELECT, TRUNCATE ON TABLE state_a.folded_epoch TO mastery_worker;
GRANT SELECT ON TABLE state_a.learner_state TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.learner_state TO mastery_worker;
GRANT SELECT ON TABLE state_a.mastery_state TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.mastery_state TO mastery_worker;
GRANT SELECT ON TABLE state_a.occasion TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.occasion TO mastery_worker;
GRANT SELECT ON TABLE state_a.seal TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.seal TO mastery_worker;
GRANT SELECT ON TABLE state_a.sealed_evidence TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.sealed_evidence TO mastery_worker;
GRANT SELECT ON TABLE state_a.sealed_occasion TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_a.sealed_occasion TO mastery_worker;
GRANT SELECT ON TABLE state_b.district_position TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.district_position TO mastery_worker;
GRANT SELECT ON TABLE state_b.evidence_alignment TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.evidence_alignment TO mastery_worker;
GRANT SELECT ON TABLE state_b.folded_epoch TO mastery_api;
GRANT INSERT, SELECT, TRUNCATE ON TABLE state_b.folded_epoch TO mastery_worker;
GRANT SELECT ON TABLE state_b.learner_state TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.learner_state TO mastery_worker;
GRANT SELECT ON TABLE state_b.mastery_state TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.mastery_state TO mastery_worker;
GRANT SELECT ON TABLE state_b.occasion TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.occasion TO mastery_worker;
GRANT SELECT ON TABLE state_b.seal TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.seal TO mastery_worker;
GRANT SELECT ON TABLE state_b.sealed_evidence TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.sealed_evidence TO mastery_worker;
GRANT SELECT ON TABLE state_b.sealed_occasion TO mastery_api;
GRANT DELETE, INSERT, MAINTAIN, SELECT, TRUNCATE, UPDATE ON TABLE state_b.sealed_occasion TO mastery_worker;
GRANT SELECT ON TABLE status_flip TO mastery_api;
GRANT DELETE, INSERT, SELECT ON TABLE status_flip TO mastery_worker;

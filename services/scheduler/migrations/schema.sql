-- What the migrations in this folder add up to. Written by a command, compared by a test:
-- never edit it, never run it against a database that holds data.
SET check_function_bodies = off;

-- Functions.

CREATE OR REPLACE FUNCTION public.refuse_changed_plan_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF OLD.state > 2
     OR (OLD.snapshot IS NOT NULL
         AND (NEW.snapshot, NEW.snapshot_hash) IS DISTINCT FROM (OLD.snapshot, OLD.snapshot_hash))
  THEN
    RAISE EXCEPTION 'a snapshot and an ended plan run never change' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$function$
;

-- Tables.

CREATE TABLE absence (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  absence_id text COLLATE "C" NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  slot_ids text[] COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT absence_pkey PRIMARY KEY (district, school_id, absence_id),
  CONSTRAINT absence_version_check CHECK ((version > 0))
);
CREATE TABLE attendance (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  minutes integer NOT NULL,
  service text NOT NULL,
  held boolean NOT NULL,
  marks jsonb NOT NULL,
  revision integer NOT NULL,
  version bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  take_time timestamp with time zone NOT NULL,
  CONSTRAINT attendance_pkey PRIMARY KEY (district, school_id, date, session_id),
  CONSTRAINT attendance_check CHECK ((held OR (marks = '[]'::jsonb))),
  CONSTRAINT attendance_minutes_check CHECK ((minutes >= 0)),
  CONSTRAINT attendance_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT attendance_revision_check CHECK ((revision > 0)),
  CONSTRAINT attendance_version_check CHECK ((version > 0))
);
CREATE TABLE audit_entry (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  act_time timestamp with time zone NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text NOT NULL,
  subject text COLLATE "C" NOT NULL,
  detail text NOT NULL,
  reason text NOT NULL,
  private_to text COLLATE "C" NOT NULL,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (district, school_id, number)
);
CREATE TABLE day_close (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  actor text COLLATE "C" NOT NULL,
  close_time timestamp with time zone NOT NULL,
  CONSTRAINT day_close_pkey PRIMARY KEY (district, school_id, date)
);
CREATE TABLE offer (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  room_id text COLLATE "C",
  kind text NOT NULL,
  subject text NOT NULL,
  competencies text[] COLLATE "C" NOT NULL,
  title text NOT NULL,
  cap integer NOT NULL,
  slot_ids text[] COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT offer_pkey PRIMARY KEY (district, school_id, offer_id),
  CONSTRAINT offer_cap_check CHECK ((cap >= 0)),
  CONSTRAINT offer_version_check CHECK ((version > 0))
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
CREATE TABLE pin (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  pin_id text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  offer_id text COLLATE "C",
  exemption text COLLATE "C",
  reason text NOT NULL,
  service boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT pin_pkey PRIMARY KEY (district, school_id, pin_id),
  CONSTRAINT pin_check CHECK (((offer_id IS NULL) <> (exemption IS NULL))),
  CONSTRAINT pin_version_check CHECK ((version > 0))
);
CREATE TABLE plan_run (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  monday date NOT NULL,
  as_of_time timestamp with time zone NOT NULL,
  seed bigint NOT NULL,
  budget bigint NOT NULL,
  min_position bigint DEFAULT 0 NOT NULL,
  needs_position bigint DEFAULT 0 NOT NULL,
  state smallint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  start_time timestamp with time zone,
  end_time timestamp with time zone,
  snapshot bytea,
  snapshot_hash text,
  week bytea,
  week_hash text,
  report jsonb,
  failure text DEFAULT ''::text NOT NULL,
  lease_owner text,
  lease_expire_time timestamp with time zone,
  attempts integer DEFAULT 0 NOT NULL,
  not_before timestamp with time zone,
  kind smallint DEFAULT 1 NOT NULL,
  CONSTRAINT plan_run_pkey PRIMARY KEY (district, school_id, run_id),
  CONSTRAINT plan_run_number_key UNIQUE (number),
  CONSTRAINT plan_run_budget_check CHECK ((budget > 0)),
  CONSTRAINT plan_run_check CHECK (((snapshot IS NULL) = (snapshot_hash IS NULL))),
  CONSTRAINT plan_run_check1 CHECK (((week IS NULL) = (week_hash IS NULL))),
  CONSTRAINT plan_run_check2 CHECK (((week IS NOT NULL) = (state = 3))),
  CONSTRAINT plan_run_check3 CHECK (((end_time IS NOT NULL) = (state > 2))),
  CONSTRAINT plan_run_kind_check CHECK ((kind = ANY (ARRAY[1, 2]))),
  CONSTRAINT plan_run_min_position_check CHECK ((min_position >= 0)),
  CONSTRAINT plan_run_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT plan_run_needs_position_check CHECK ((needs_position >= 0)),
  CONSTRAINT plan_run_state_check CHECK (((state >= 1) AND (state <= 5)))
);
CREATE TABLE policy (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  school_display_name text NOT NULL,
  time_zone text NOT NULL,
  slots jsonb NOT NULL,
  small_group_cap integer NOT NULL,
  one_to_one_cap integer NOT NULL,
  check_cap integer NOT NULL,
  enrichment_cap integer NOT NULL,
  session_minimum integer NOT NULL,
  floor_evidence_count integer NOT NULL,
  floor_day_count integer NOT NULL,
  floor_newest_days integer NOT NULL,
  floor_level_milli integer NOT NULL,
  floor_at_least_eight_tenths_micro integer NOT NULL,
  preparations_per_day integer NOT NULL,
  need_seats_per_week integer NOT NULL,
  banned_words text[] NOT NULL,
  reteach_share_milli integer NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT policy_pkey PRIMARY KEY (district, school_id),
  CONSTRAINT policy_version_check CHECK ((version > 0))
);
CREATE TABLE quick_check (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  level smallint NOT NULL,
  version bigint NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  show_time timestamp with time zone NOT NULL,
  record_time timestamp with time zone NOT NULL,
  CONSTRAINT quick_check_pkey PRIMARY KEY (district, school_id, monday, session_id, learner_id),
  CONSTRAINT quick_check_level_check CHECK (((level >= 0) AND (level <= 4))),
  CONSTRAINT quick_check_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT quick_check_version_check CHECK ((version > 0))
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
  school_id text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  method text NOT NULL,
  digest bytea NOT NULL,
  ids text[] NOT NULL,
  versions bigint[] NOT NULL,
  answer_time timestamp with time zone NOT NULL,
  CONSTRAINT request_log_pkey PRIMARY KEY (district, school_id, request_id),
  CONSTRAINT request_log_check CHECK ((cardinality(versions) = cardinality(ids))),
  CONSTRAINT request_log_digest_check CHECK ((octet_length(digest) = 32))
);
CREATE TABLE room (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  room_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  capacity integer NOT NULL,
  shared boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT room_pkey PRIMARY KEY (district, school_id, room_id),
  CONSTRAINT room_capacity_check CHECK ((capacity > 0)),
  CONSTRAINT room_version_check CHECK ((version > 0))
);
CREATE TABLE wanderer (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  date date NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  found_at text NOT NULL,
  find_time timestamp with time zone NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  CONSTRAINT wanderer_pkey PRIMARY KEY (district, school_id, number)
);
CREATE TABLE week (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  draft_run_id text COLLATE "C",
  draft_number bigint NOT NULL,
  sign_off_adult text COLLATE "C",
  sign_off_time timestamp with time zone,
  sign_off_hash text,
  revision integer DEFAULT 0 NOT NULL,
  CONSTRAINT week_pkey PRIMARY KEY (district, school_id, monday),
  CONSTRAINT week_check CHECK (((sign_off_adult IS NULL) = (sign_off_time IS NULL))),
  CONSTRAINT week_check1 CHECK (((sign_off_adult IS NULL) = (sign_off_hash IS NULL))),
  CONSTRAINT week_check2 CHECK (((draft_run_id IS NOT NULL) OR (revision > 0))),
  CONSTRAINT week_revision_check CHECK ((revision >= 0))
);
CREATE TABLE week_revision (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  revision integer NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  week bytea NOT NULL,
  week_hash text NOT NULL,
  report jsonb NOT NULL,
  sign_off_adult text COLLATE "C" NOT NULL,
  sign_off_time timestamp with time zone NOT NULL,
  publish_time timestamp with time zone NOT NULL,
  CONSTRAINT week_revision_pkey PRIMARY KEY (district, school_id, monday, revision),
  CONSTRAINT week_revision_revision_check CHECK ((revision > 0))
);

-- Foreign keys.

ALTER TABLE offer ADD CONSTRAINT offer_district_school_id_room_id_fkey FOREIGN KEY (district, school_id, room_id) REFERENCES room(district, school_id, room_id);
ALTER TABLE pin ADD CONSTRAINT pin_district_school_id_offer_id_fkey FOREIGN KEY (district, school_id, offer_id) REFERENCES offer(district, school_id, offer_id);
ALTER TABLE week ADD CONSTRAINT week_district_school_id_draft_run_id_fkey FOREIGN KEY (district, school_id, draft_run_id) REFERENCES plan_run(district, school_id, run_id);
ALTER TABLE week_revision ADD CONSTRAINT week_revision_district_school_id_run_id_fkey FOREIGN KEY (district, school_id, run_id) REFERENCES plan_run(district, school_id, run_id);

-- Indexes.

CREATE INDEX attendance_week ON public.attendance USING btree (district, school_id, monday, date, session_id);
CREATE INDEX audit_entry_subject ON public.audit_entry USING btree (district, school_id, subject, number DESC);
CREATE INDEX offer_room ON public.offer USING btree (district, school_id, room_id) WHERE (room_id IS NOT NULL);
CREATE INDEX pin_offer ON public.pin USING btree (district, school_id, offer_id) WHERE (offer_id IS NOT NULL);
CREATE INDEX plan_run_newest ON public.plan_run USING btree (district, school_id, number DESC);
CREATE INDEX plan_run_waiting ON public.plan_run USING btree (number) WHERE (state = ANY (ARRAY[1, 2]));
CREATE INDEX request_log_answer_time ON public.request_log USING btree (district, school_id, answer_time);
CREATE INDEX wanderer_date ON public.wanderer USING btree (district, school_id, date, number DESC);

-- Triggers.

CREATE TRIGGER plan_run_unchanged BEFORE UPDATE ON public.plan_run FOR EACH ROW EXECUTE FUNCTION refuse_changed_plan_run();

-- Row-level security.

ALTER TABLE absence ENABLE ROW LEVEL SECURITY;
ALTER TABLE absence FORCE ROW LEVEL SECURITY;
ALTER TABLE attendance ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendance FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE day_close ENABLE ROW LEVEL SECURITY;
ALTER TABLE day_close FORCE ROW LEVEL SECURITY;
ALTER TABLE offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE offer FORCE ROW LEVEL SECURITY;
ALTER TABLE pin ENABLE ROW LEVEL SECURITY;
ALTER TABLE pin FORCE ROW LEVEL SECURITY;
ALTER TABLE plan_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_run FORCE ROW LEVEL SECURITY;
ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
ALTER TABLE quick_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE quick_check FORCE ROW LEVEL SECURITY;
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;
ALTER TABLE room ENABLE ROW LEVEL SECURITY;
ALTER TABLE room FORCE ROW LEVEL SECURITY;
ALTER TABLE wanderer ENABLE ROW LEVEL SECURITY;
ALTER TABLE wanderer FORCE ROW LEVEL SECURITY;
ALTER TABLE week ENABLE ROW LEVEL SECURITY;
ALTER TABLE week FORCE ROW LEVEL SECURITY;
ALTER TABLE week_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE week_revision FORCE ROW LEVEL SECURITY;

-- Policies.

CREATE POLICY absence_api ON absence AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY absence_worker ON absence AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY attendance_api ON attendance AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY attendance_worker ON attendance AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY audit_entry_api ON audit_entry AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY audit_entry_worker ON audit_entry AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY day_close_api ON day_close AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY day_close_worker ON day_close AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY offer_api ON offer AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY offer_worker ON offer AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY pin_api ON pin AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY pin_worker ON pin AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY plan_run_api ON plan_run AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY plan_run_worker ON plan_run AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY policy_api ON policy AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY policy_worker ON policy AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY quick_check_api ON quick_check AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY request_log_api ON request_log AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY room_api ON room AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY room_worker ON room AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY wanderer_api ON wanderer AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_api ON week AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_worker ON week AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY week_revision_api ON week_revision AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_revision_worker ON week_revision AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);

-- Grants.

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE absence TO scheduler_api;
GRANT SELECT ON TABLE absence TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE attendance TO scheduler_api;
GRANT SELECT ON TABLE attendance TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE audit_entry TO scheduler_api;
GRANT INSERT, SELECT ON TABLE audit_entry TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE day_close TO scheduler_api;
GRANT SELECT ON TABLE day_close TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE offer TO scheduler_api;
GRANT SELECT ON TABLE offer TO scheduler_worker;
GRANT INSERT ON TABLE outbox TO scheduler_api;
GRANT DELETE, INSERT, SELECT ON TABLE outbox TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE pin TO scheduler_api;
GRANT SELECT ON TABLE pin TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE plan_run TO scheduler_api;
GRANT SELECT, UPDATE ON TABLE plan_run TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE policy TO scheduler_api;
GRANT SELECT ON TABLE policy TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE quick_check TO scheduler_api;
GRANT INSERT, SELECT, UPDATE ON TABLE relay_cursor TO scheduler_worker;
GRANT DELETE, INSERT, SELECT ON TABLE request_log TO scheduler_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE room TO scheduler_api;
GRANT SELECT ON TABLE room TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE wanderer TO scheduler_api;
GRANT SELECT ON TABLE week TO scheduler_api;
GRANT INSERT, SELECT ON TABLE week TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE week_revision TO scheduler_api;
GRANT SELECT ON TABLE week_revision TO scheduler_worker;
GRANT UPDATE (actor, adult_id, held, marks, minutes, revision, service, slot_id, take_time, version) ON TABLE attendance TO scheduler_api;
GRANT UPDATE (end_time, state) ON TABLE plan_run TO scheduler_api;
GRANT UPDATE (adult_id, competency_id, level, record_time, show_time, version) ON TABLE quick_check TO scheduler_api;
GRANT UPDATE (draft_number, draft_run_id, revision, sign_off_adult, sign_off_hash, sign_off_time) ON TABLE week TO scheduler_api;
GRANT UPDATE (draft_number, draft_run_id, sign_off_adult, sign_off_hash, sign_off_time) ON TABLE week TO scheduler_worker;

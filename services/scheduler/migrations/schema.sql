-- What the migrations in this folder add up to. Written by a command, compared by a test:
-- never edit it, never run it against a database that holds data.
SET check_function_bodies = off;

-- Functions.

CREATE OR REPLACE FUNCTION public.refuse_changed_cycle_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF OLD.state <> 'waiting' THEN
    RAISE EXCEPTION 'a step that is done or skipped never changes' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$function$
;
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
CREATE TABLE adult_request (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  adult_request_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  level smallint NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  weight_milli bigint NOT NULL,
  weeks_waiting integer NOT NULL,
  create_time timestamp with time zone NOT NULL,
  cancel_time timestamp with time zone,
  cancel_wished boolean NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT adult_request_pkey PRIMARY KEY (district, school_id, adult_request_id),
  CONSTRAINT adult_request_level_check CHECK (((level >= 1) AND (level <= 4))),
  CONSTRAINT adult_request_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT adult_request_version_check CHECK ((version > 0)),
  CONSTRAINT adult_request_weeks_waiting_check CHECK ((weeks_waiting >= 0)),
  CONSTRAINT adult_request_weight_milli_check CHECK ((weight_milli >= 0))
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
  monday date,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (district, school_id, number)
);
CREATE TABLE bell_schedule (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  bell_schedule_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  periods jsonb NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT bell_schedule_pkey PRIMARY KEY (district, school_id, bell_schedule_id),
  CONSTRAINT bell_schedule_version_check CHECK ((version > 0))
);
CREATE TABLE booking (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  booking_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  kind text NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  create_time timestamp with time zone NOT NULL,
  state text NOT NULL,
  answer_actor text COLLATE "C" NOT NULL,
  answer_sentence text NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT booking_pkey PRIMARY KEY (district, school_id, booking_id),
  CONSTRAINT booking_check CHECK (((offer_id = ''::text) = (slot_id = ''::text))),
  CONSTRAINT booking_kind_check CHECK ((kind = ANY (ARRAY['reassessment'::text, 'coaching'::text]))),
  CONSTRAINT booking_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT booking_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'agreed'::text, 'declined'::text, 'cancelled'::text]))),
  CONSTRAINT booking_version_check CHECK ((version > 0))
);
CREATE TABLE calendar (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  first_day date NOT NULL,
  last_day date NOT NULL,
  iso_weekdays smallint[] NOT NULL,
  cycle_days text[] COLLATE "C" NOT NULL,
  uses_cycle_day text[] COLLATE "C" NOT NULL,
  bells jsonb NOT NULL,
  terms jsonb NOT NULL,
  breaks jsonb NOT NULL,
  week_clock jsonb NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT calendar_pkey PRIMARY KEY (district, school_id),
  CONSTRAINT calendar_check CHECK ((last_day >= first_day)),
  CONSTRAINT calendar_version_check CHECK ((version > 0))
);
CREATE TABLE calendar_day (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  calendar_day_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  no_school text,
  title text NOT NULL,
  bell_schedule_id text COLLATE "C",
  cycle_day text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT calendar_day_pkey PRIMARY KEY (district, school_id, calendar_day_id),
  CONSTRAINT calendar_day_district_school_id_date_key UNIQUE (district, school_id, date),
  CONSTRAINT calendar_day_version_check CHECK ((version > 0))
);
CREATE TABLE choice_window (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  promised_open_time timestamp with time zone NOT NULL,
  open_time timestamp with time zone NOT NULL,
  promised_close_time timestamp with time zone NOT NULL,
  close_time timestamp with time zone NOT NULL,
  latest_close_time timestamp with time zone NOT NULL,
  closed_time timestamp with time zone,
  note text NOT NULL,
  CONSTRAINT choice_window_pkey PRIMARY KEY (district, school_id, monday),
  CONSTRAINT choice_window_check CHECK ((promised_open_time <= open_time)),
  CONSTRAINT choice_window_check1 CHECK ((open_time < promised_close_time)),
  CONSTRAINT choice_window_check2 CHECK ((promised_close_time <= close_time)),
  CONSTRAINT choice_window_check3 CHECK ((close_time <= latest_close_time)),
  CONSTRAINT choice_window_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric))
);
CREATE TABLE cycle_step (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  step text NOT NULL,
  due_time timestamp with time zone NOT NULL,
  state text NOT NULL,
  done_time timestamp with time zone NOT NULL,
  outcome text NOT NULL,
  run_id text COLLATE "C",
  revision integer NOT NULL,
  CONSTRAINT cycle_step_pkey PRIMARY KEY (district, school_id, monday, step),
  CONSTRAINT cycle_step_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT cycle_step_revision_check CHECK ((revision >= 0)),
  CONSTRAINT cycle_step_state_check CHECK ((state = ANY (ARRAY['done'::text, 'skipped'::text, 'waiting'::text])))
);
CREATE TABLE day_close (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  actor text COLLATE "C" NOT NULL,
  close_time timestamp with time zone NOT NULL,
  CONSTRAINT day_close_pkey PRIMARY KEY (district, school_id, date)
);
CREATE TABLE essential (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  essential_id text COLLATE "C" NOT NULL,
  due_date date,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT essential_pkey PRIMARY KEY (district, school_id, essential_id),
  CONSTRAINT essential_version_check CHECK ((version > 0))
);
CREATE TABLE feed (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  feed_id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  token_sha256 bytea NOT NULL,
  maker text COLLATE "C" NOT NULL,
  create_time timestamp with time zone NOT NULL,
  expire_time timestamp with time zone NOT NULL,
  revoke_time timestamp with time zone,
  revoker text COLLATE "C" DEFAULT ''::text NOT NULL,
  CONSTRAINT feed_pkey PRIMARY KEY (district, school_id, feed_id),
  CONSTRAINT feed_token_sha256_key UNIQUE (token_sha256),
  CONSTRAINT feed_kind_check CHECK ((kind = ANY (ARRAY['learner'::text, 'adult'::text, 'room'::text, 'school'::text]))),
  CONSTRAINT feed_token_sha256_check CHECK ((length(token_sha256) = 32))
);
CREATE TABLE keep_rule (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  keep_rule_id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  other_id text COLLATE "C" NOT NULL,
  expire_date date,
  reason text NOT NULL,
  set_by text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT keep_rule_pkey PRIMARY KEY (district, school_id, keep_rule_id),
  CONSTRAINT keep_rule_check CHECK ((learner_id < other_id)),
  CONSTRAINT keep_rule_kind_check CHECK ((kind = ANY (ARRAY['apart'::text, 'together'::text]))),
  CONSTRAINT keep_rule_version_check CHECK ((version > 0))
);
CREATE TABLE learner_setting (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  learner_setting_id text COLLATE "C" NOT NULL,
  named_adult_id text COLLATE "C" NOT NULL,
  family_ids text[] COLLATE "C" NOT NULL,
  tags text[] COLLATE "C" NOT NULL,
  consents jsonb NOT NULL,
  opt_outs jsonb NOT NULL,
  far_behind boolean,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT learner_setting_pkey PRIMARY KEY (district, school_id, learner_setting_id),
  CONSTRAINT learner_setting_version_check CHECK ((version > 0))
);
CREATE TABLE locked_session (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  locked_session_id text COLLATE "C" NOT NULL,
  date date NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  tier_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT locked_session_pkey PRIMARY KEY (district, school_id, locked_session_id),
  CONSTRAINT locked_session_version_check CHECK ((version > 0))
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
  other_room_ids text[] COLLATE "C" DEFAULT '{}'::text[] NOT NULL,
  layout text DEFAULT ''::text NOT NULL,
  mode text DEFAULT 'taught'::text NOT NULL,
  dok integer DEFAULT 0 NOT NULL,
  rich boolean DEFAULT false NOT NULL,
  minimum integer DEFAULT 0 NOT NULL,
  tier_ids text[] COLLATE "C" DEFAULT '{}'::text[] NOT NULL,
  legal text DEFAULT ''::text NOT NULL,
  service text DEFAULT ''::text NOT NULL,
  scope jsonb,
  co_adult_ids text[] COLLATE "C" DEFAULT '{}'::text[] NOT NULL,
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
  legal_cap integer DEFAULT 4 NOT NULL,
  own_choice_seats_per_week integer DEFAULT 1 NOT NULL,
  enrichment_seats_per_week integer DEFAULT 0 NOT NULL,
  own_choice_share_milli integer DEFAULT 150 NOT NULL,
  prerequisite_share_milli integer DEFAULT 500 NOT NULL,
  far_behind_level_milli integer DEFAULT 2000 NOT NULL,
  far_behind_share_milli integer DEFAULT 500 NOT NULL,
  cycle_weeks integer DEFAULT 3 NOT NULL,
  exit_level_milli integer DEFAULT 3000 NOT NULL,
  exit_evidence_count integer DEFAULT 2 NOT NULL,
  return_level_milli integer DEFAULT 2700 NOT NULL,
  cycles_without_gain integer DEFAULT 2 NOT NULL,
  dok_one_run integer DEFAULT 3 NOT NULL,
  reteach_weight_milli integer DEFAULT 500 NOT NULL,
  tiers jsonb DEFAULT '[]'::jsonb NOT NULL,
  weights jsonb DEFAULT '{}'::jsonb NOT NULL,
  paper text DEFAULT ''::text NOT NULL,
  family_language text COLLATE "C" DEFAULT ''::text NOT NULL,
  CONSTRAINT policy_pkey PRIMARY KEY (district, school_id),
  CONSTRAINT policy_paper_check CHECK ((paper = ANY (ARRAY[''::text, 'us-letter'::text, 'a4'::text]))),
  CONSTRAINT policy_version_check CHECK ((version > 0))
);
CREATE TABLE proposal (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  proposal_id text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  title text NOT NULL,
  what text NOT NULL,
  create_time timestamp with time zone NOT NULL,
  state text NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  answer_actor text COLLATE "C" NOT NULL,
  answer_sentence text NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT proposal_pkey PRIMARY KEY (district, school_id, proposal_id),
  CONSTRAINT proposal_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sponsored'::text, 'declined'::text]))),
  CONSTRAINT proposal_version_check CHECK ((version > 0))
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
CREATE TABLE ranking (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  choices jsonb NOT NULL,
  actor text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  receive_time timestamp with time zone NOT NULL,
  CONSTRAINT ranking_pkey PRIMARY KEY (district, school_id, monday, learner_id, version),
  CONSTRAINT ranking_district_school_id_monday_learner_id_request_id_key UNIQUE (district, school_id, monday, learner_id, request_id),
  CONSTRAINT ranking_number_key UNIQUE (number),
  CONSTRAINT ranking_digest_check CHECK ((octet_length(digest) = 32)),
  CONSTRAINT ranking_version_check CHECK ((version > 0))
);
CREATE TABLE ranking_answer (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  state text NOT NULL,
  sentence text NOT NULL,
  actor text COLLATE "C" NOT NULL,
  answer_time timestamp with time zone NOT NULL,
  CONSTRAINT ranking_answer_pkey PRIMARY KEY (district, school_id, monday, learner_id, version),
  CONSTRAINT ranking_answer_state_check CHECK ((state = ANY (ARRAY['confirmed'::text, 'answered'::text]))),
  CONSTRAINT ranking_answer_version_check CHECK ((version >= 0))
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
  refused jsonb DEFAULT '[]'::jsonb NOT NULL,
  CONSTRAINT request_log_pkey PRIMARY KEY (district, school_id, request_id),
  CONSTRAINT request_log_check CHECK ((cardinality(versions) = cardinality(ids))),
  CONSTRAINT request_log_digest_check CHECK ((octet_length(digest) = 32))
);
CREATE TABLE request_outcome (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  adult_request_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  state text NOT NULL,
  winner_id text COLLATE "C" NOT NULL,
  sentence text NOT NULL,
  settle_time timestamp with time zone NOT NULL,
  CONSTRAINT request_outcome_pkey PRIMARY KEY (district, school_id, adult_request_id, number),
  CONSTRAINT request_outcome_number_check CHECK ((number > 0)),
  CONSTRAINT request_outcome_state_check CHECK ((state = ANY (ARRAY['seated'::text, 'next'::text, 'cancelled'::text, 'refused'::text])))
);
CREATE TABLE request_week (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  due_time timestamp with time zone NOT NULL,
  revision integer NOT NULL,
  CONSTRAINT request_week_pkey PRIMARY KEY (district, school_id, monday),
  CONSTRAINT request_week_monday_check CHECK ((EXTRACT(isodow FROM monday) = (1)::numeric)),
  CONSTRAINT request_week_revision_check CHECK ((revision >= 0))
);
CREATE TABLE required_service (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  required_service_id text COLLATE "C" NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  service text NOT NULL,
  minutes integer NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  begin_date date,
  end_date date,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT required_service_pkey PRIMARY KEY (district, school_id, required_service_id),
  CONSTRAINT required_service_minutes_check CHECK ((minutes > 0)),
  CONSTRAINT required_service_version_check CHECK ((version > 0))
);
CREATE TABLE review_seat (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C",
  adult_id text COLLATE "C" NOT NULL,
  act_time timestamp with time zone NOT NULL,
  staff_sentence text NOT NULL,
  learner_sentence text NOT NULL,
  note text NOT NULL,
  CONSTRAINT review_seat_pkey PRIMARY KEY (district, school_id, monday, learner_id, slot_id),
  CONSTRAINT review_seat_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'moved'::text, 'released'::text])))
);
CREATE TABLE review_session (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  offer_id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  competency_id text COLLATE "C",
  tier_id text COLLATE "C" NOT NULL,
  adult_id text COLLATE "C" NOT NULL,
  act_time timestamp with time zone NOT NULL,
  CONSTRAINT review_session_pkey PRIMARY KEY (district, school_id, monday, slot_id, offer_id),
  CONSTRAINT review_session_state_check CHECK ((state = ANY (ARRAY['declined'::text, 'added'::text])))
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
  layouts jsonb DEFAULT '[]'::jsonb NOT NULL,
  closed_slot_ids text[] COLLATE "C" DEFAULT '{}'::text[] NOT NULL,
  closures jsonb DEFAULT '[]'::jsonb NOT NULL,
  CONSTRAINT room_pkey PRIMARY KEY (district, school_id, room_id),
  CONSTRAINT room_capacity_check CHECK ((capacity > 0)),
  CONSTRAINT room_version_check CHECK ((version > 0))
);
CREATE TABLE school_cycle (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  running boolean NOT NULL,
  fall_back text NOT NULL,
  fall_back_adult text COLLATE "C",
  fall_back_time timestamp with time zone,
  from_monday date NOT NULL,
  look_time timestamp with time zone NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT school_cycle_pkey PRIMARY KEY (district, school_id),
  CONSTRAINT school_cycle_check CHECK (((fall_back_adult IS NULL) = (fall_back_time IS NULL))),
  CONSTRAINT school_cycle_check1 CHECK (((fall_back = 'nothing'::text) OR (fall_back_adult IS NOT NULL))),
  CONSTRAINT school_cycle_fall_back_check CHECK ((fall_back = ANY (ARRAY['nothing'::text, 'last_week'::text]))),
  CONSTRAINT school_cycle_from_monday_check CHECK ((EXTRACT(isodow FROM from_monday) = (1)::numeric)),
  CONSTRAINT school_cycle_version_check CHECK ((version > 0))
);
CREATE TABLE seen_need (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  seen_need_id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  learner_id text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  actor text COLLATE "C" NOT NULL,
  create_time timestamp with time zone NOT NULL,
  create_date date NOT NULL,
  expire_date date NOT NULL,
  state text NOT NULL,
  answer_actor text COLLATE "C" NOT NULL,
  answer_sentence text NOT NULL,
  answer_time timestamp with time zone,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT seen_need_pkey PRIMARY KEY (district, school_id, seen_need_id),
  CONSTRAINT seen_need_check CHECK ((expire_date > create_date)),
  CONSTRAINT seen_need_kind_check CHECK ((kind = ANY (ARRAY['nomination'::text, 'reported'::text]))),
  CONSTRAINT seen_need_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'standing'::text, 'withdrawn'::text, 'settled'::text]))),
  CONSTRAINT seen_need_version_check CHECK ((version > 0))
);
CREATE TABLE staff_member (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  staff_member_id text COLLATE "C" NOT NULL,
  roles text[] NOT NULL,
  kinds text[] NOT NULL,
  planning_slot_ids text[] COLLATE "C" NOT NULL,
  load integer NOT NULL,
  preparations integer NOT NULL,
  version bigint NOT NULL,
  change_time timestamp with time zone NOT NULL,
  CONSTRAINT staff_member_pkey PRIMARY KEY (district, school_id, staff_member_id),
  CONSTRAINT staff_member_load_check CHECK ((load >= 0)),
  CONSTRAINT staff_member_preparations_check CHECK ((preparations >= 0)),
  CONSTRAINT staff_member_roles_check CHECK ((cardinality(roles) > 0)),
  CONSTRAINT staff_member_version_check CHECK ((version > 0))
);
CREATE TABLE uptime (
  owner text COLLATE "C" NOT NULL,
  start_time timestamp with time zone NOT NULL,
  beat_time timestamp with time zone NOT NULL,
  CONSTRAINT uptime_pkey PRIMARY KEY (owner),
  CONSTRAINT uptime_check CHECK ((beat_time >= start_time))
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
  lock_time timestamp with time zone,
  CONSTRAINT week_pkey PRIMARY KEY (district, school_id, monday),
  CONSTRAINT week_check CHECK (((sign_off_adult IS NULL) = (sign_off_time IS NULL))),
  CONSTRAINT week_check1 CHECK (((sign_off_adult IS NULL) = (sign_off_hash IS NULL))),
  CONSTRAINT week_check2 CHECK (((draft_run_id IS NOT NULL) OR (revision > 0))),
  CONSTRAINT week_revision_check CHECK ((revision >= 0))
);
CREATE TABLE week_digest (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  monday date NOT NULL,
  revision integer NOT NULL,
  format smallint NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT week_digest_pkey PRIMARY KEY (district, school_id, monday, revision, format),
  CONSTRAINT week_digest_format_check CHECK ((format > 0)),
  CONSTRAINT week_digest_revision_check CHECK ((revision > 0))
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

ALTER TABLE calendar_day ADD CONSTRAINT calendar_day_district_school_id_bell_schedule_id_fkey FOREIGN KEY (district, school_id, bell_schedule_id) REFERENCES bell_schedule(district, school_id, bell_schedule_id);
ALTER TABLE cycle_step ADD CONSTRAINT cycle_step_district_school_id_run_id_fkey FOREIGN KEY (district, school_id, run_id) REFERENCES plan_run(district, school_id, run_id);
ALTER TABLE locked_session ADD CONSTRAINT locked_session_district_school_id_offer_id_fkey FOREIGN KEY (district, school_id, offer_id) REFERENCES offer(district, school_id, offer_id);
ALTER TABLE offer ADD CONSTRAINT offer_district_school_id_room_id_fkey FOREIGN KEY (district, school_id, room_id) REFERENCES room(district, school_id, room_id);
ALTER TABLE pin ADD CONSTRAINT pin_district_school_id_offer_id_fkey FOREIGN KEY (district, school_id, offer_id) REFERENCES offer(district, school_id, offer_id);
ALTER TABLE ranking ADD CONSTRAINT ranking_district_school_id_monday_fkey FOREIGN KEY (district, school_id, monday) REFERENCES choice_window(district, school_id, monday);
ALTER TABLE request_outcome ADD CONSTRAINT request_outcome_district_school_id_adult_request_id_fkey FOREIGN KEY (district, school_id, adult_request_id) REFERENCES adult_request(district, school_id, adult_request_id);
ALTER TABLE week ADD CONSTRAINT week_district_school_id_draft_run_id_fkey FOREIGN KEY (district, school_id, draft_run_id) REFERENCES plan_run(district, school_id, run_id);
ALTER TABLE week_digest ADD CONSTRAINT week_digest_district_school_id_monday_revision_fkey FOREIGN KEY (district, school_id, monday, revision) REFERENCES week_revision(district, school_id, monday, revision);
ALTER TABLE week_revision ADD CONSTRAINT week_revision_district_school_id_run_id_fkey FOREIGN KEY (district, school_id, run_id) REFERENCES plan_run(district, school_id, run_id);

-- Indexes.

CREATE INDEX adult_request_week ON public.adult_request USING btree (district, school_id, monday, adult_request_id);
CREATE INDEX attendance_week ON public.attendance USING btree (district, school_id, monday, date, session_id);
CREATE INDEX audit_entry_about ON public.audit_entry USING btree (district, school_id, subject, act_time, number);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (district, school_id, actor, act_time, number);
CREATE INDEX audit_entry_time ON public.audit_entry USING btree (district, school_id, act_time, number);
CREATE INDEX audit_entry_week ON public.audit_entry USING btree (district, school_id, monday, act_time, number) WHERE (monday IS NOT NULL);
CREATE INDEX booking_week ON public.booking USING btree (district, school_id, monday, booking_id);
CREATE INDEX calendar_day_bells ON public.calendar_day USING btree (district, school_id, bell_schedule_id) WHERE (bell_schedule_id IS NOT NULL);
CREATE INDEX cycle_step_run ON public.cycle_step USING btree (district, school_id, run_id) WHERE (run_id IS NOT NULL);
CREATE INDEX feed_subject ON public.feed USING btree (district, school_id, kind, subject_id, feed_id);
CREATE INDEX learner_setting_named_adult ON public.learner_setting USING btree (district, school_id, named_adult_id, learner_setting_id);
CREATE INDEX locked_session_offer ON public.locked_session USING btree (district, school_id, offer_id);
CREATE INDEX offer_room ON public.offer USING btree (district, school_id, room_id) WHERE (room_id IS NOT NULL);
CREATE INDEX pin_offer ON public.pin USING btree (district, school_id, offer_id) WHERE (offer_id IS NOT NULL);
CREATE INDEX plan_run_newest ON public.plan_run USING btree (district, school_id, number DESC);
CREATE INDEX plan_run_waiting ON public.plan_run USING btree (number) WHERE (state = ANY (ARRAY[1, 2]));
CREATE INDEX proposal_create_time ON public.proposal USING btree (district, school_id, create_time);
CREATE INDEX proposal_learner ON public.proposal USING btree (district, school_id, learner_id, create_time);
CREATE INDEX request_log_answer_time ON public.request_log USING btree (district, school_id, answer_time);
CREATE INDEX request_week_due ON public.request_week USING btree (monday, due_time);
CREATE INDEX school_cycle_look ON public.school_cycle USING btree (look_time) WHERE running;
CREATE INDEX seen_need_learner ON public.seen_need USING btree (district, school_id, learner_id, kind, expire_date);
CREATE INDEX seen_need_standing ON public.seen_need USING btree (district, school_id, expire_date);
CREATE INDEX uptime_beat_time ON public.uptime USING btree (beat_time);
CREATE INDEX wanderer_date ON public.wanderer USING btree (district, school_id, date, number DESC);

-- Triggers.

CREATE TRIGGER cycle_step_unchanged BEFORE UPDATE ON public.cycle_step FOR EACH ROW EXECUTE FUNCTION refuse_changed_cycle_step();
CREATE TRIGGER plan_run_unchanged BEFORE UPDATE ON public.plan_run FOR EACH ROW EXECUTE FUNCTION refuse_changed_plan_run();

-- Row-level security.

ALTER TABLE absence ENABLE ROW LEVEL SECURITY;
ALTER TABLE absence FORCE ROW LEVEL SECURITY;
ALTER TABLE adult_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE adult_request FORCE ROW LEVEL SECURITY;
ALTER TABLE attendance ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendance FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE bell_schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE bell_schedule FORCE ROW LEVEL SECURITY;
ALTER TABLE booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking FORCE ROW LEVEL SECURITY;
ALTER TABLE calendar ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar FORCE ROW LEVEL SECURITY;
ALTER TABLE calendar_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_day FORCE ROW LEVEL SECURITY;
ALTER TABLE choice_window ENABLE ROW LEVEL SECURITY;
ALTER TABLE choice_window FORCE ROW LEVEL SECURITY;
ALTER TABLE cycle_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE cycle_step FORCE ROW LEVEL SECURITY;
ALTER TABLE day_close ENABLE ROW LEVEL SECURITY;
ALTER TABLE day_close FORCE ROW LEVEL SECURITY;
ALTER TABLE essential ENABLE ROW LEVEL SECURITY;
ALTER TABLE essential FORCE ROW LEVEL SECURITY;
ALTER TABLE feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed FORCE ROW LEVEL SECURITY;
ALTER TABLE keep_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE keep_rule FORCE ROW LEVEL SECURITY;
ALTER TABLE learner_setting ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner_setting FORCE ROW LEVEL SECURITY;
ALTER TABLE locked_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE locked_session FORCE ROW LEVEL SECURITY;
ALTER TABLE offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE offer FORCE ROW LEVEL SECURITY;
ALTER TABLE pin ENABLE ROW LEVEL SECURITY;
ALTER TABLE pin FORCE ROW LEVEL SECURITY;
ALTER TABLE plan_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_run FORCE ROW LEVEL SECURITY;
ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
ALTER TABLE proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE proposal FORCE ROW LEVEL SECURITY;
ALTER TABLE quick_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE quick_check FORCE ROW LEVEL SECURITY;
ALTER TABLE ranking ENABLE ROW LEVEL SECURITY;
ALTER TABLE ranking FORCE ROW LEVEL SECURITY;
ALTER TABLE ranking_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE ranking_answer FORCE ROW LEVEL SECURITY;
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;
ALTER TABLE request_outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_outcome FORCE ROW LEVEL SECURITY;
ALTER TABLE request_week ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_week FORCE ROW LEVEL SECURITY;
ALTER TABLE required_service ENABLE ROW LEVEL SECURITY;
ALTER TABLE required_service FORCE ROW LEVEL SECURITY;
ALTER TABLE review_seat ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_seat FORCE ROW LEVEL SECURITY;
ALTER TABLE review_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_session FORCE ROW LEVEL SECURITY;
ALTER TABLE room ENABLE ROW LEVEL SECURITY;
ALTER TABLE room FORCE ROW LEVEL SECURITY;
ALTER TABLE school_cycle ENABLE ROW LEVEL SECURITY;
ALTER TABLE school_cycle FORCE ROW LEVEL SECURITY;
ALTER TABLE seen_need ENABLE ROW LEVEL SECURITY;
ALTER TABLE seen_need FORCE ROW LEVEL SECURITY;
ALTER TABLE staff_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_member FORCE ROW LEVEL SECURITY;
ALTER TABLE wanderer ENABLE ROW LEVEL SECURITY;
ALTER TABLE wanderer FORCE ROW LEVEL SECURITY;
ALTER TABLE week ENABLE ROW LEVEL SECURITY;
ALTER TABLE week FORCE ROW LEVEL SECURITY;
ALTER TABLE week_digest ENABLE ROW LEVEL SECURITY;
ALTER TABLE week_digest FORCE ROW LEVEL SECURITY;
ALTER TABLE week_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE week_revision FORCE ROW LEVEL SECURITY;

-- Policies.

CREATE POLICY absence_api ON absence AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY absence_worker ON absence AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY adult_request_api ON adult_request AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY adult_request_worker ON adult_request AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY attendance_api ON attendance AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY attendance_worker ON attendance AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY audit_entry_api ON audit_entry AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY audit_entry_worker ON audit_entry AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY bell_schedule_api ON bell_schedule AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY bell_schedule_worker ON bell_schedule AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY booking_api ON booking AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY booking_worker ON booking AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY calendar_api ON calendar AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY calendar_worker ON calendar AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY calendar_day_api ON calendar_day AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY calendar_day_worker ON calendar_day AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY choice_window_api ON choice_window AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY choice_window_worker ON choice_window AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY cycle_step_api ON cycle_step AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY cycle_step_worker ON cycle_step AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY day_close_api ON day_close AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY day_close_worker ON day_close AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY essential_api ON essential AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY essential_worker ON essential AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY feed_address ON feed AS PERMISSIVE FOR SELECT TO scheduler_api USING ((encode(token_sha256, 'hex'::text) = current_setting('app.feed_sha256'::text, true)));
CREATE POLICY feed_api ON feed AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY keep_rule_api ON keep_rule AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY keep_rule_worker ON keep_rule AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY learner_setting_api ON learner_setting AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY learner_setting_worker ON learner_setting AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY locked_session_api ON locked_session AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY locked_session_worker ON locked_session AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY offer_api ON offer AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY offer_worker ON offer AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY pin_api ON pin AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY pin_worker ON pin AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY plan_run_api ON plan_run AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY plan_run_worker ON plan_run AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY policy_api ON policy AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY policy_worker ON policy AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY proposal_api ON proposal AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY proposal_worker ON proposal AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY quick_check_api ON quick_check AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY ranking_api ON ranking AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY ranking_worker ON ranking AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY ranking_answer_api ON ranking_answer AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY ranking_answer_worker ON ranking_answer AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY request_log_api ON request_log AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY request_outcome_api ON request_outcome AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY request_outcome_worker ON request_outcome AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY request_outcome_worker_adds ON request_outcome AS PERMISSIVE FOR INSERT TO scheduler_worker WITH CHECK (true);
CREATE POLICY request_week_api ON request_week AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY request_week_worker ON request_week AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY required_service_api ON required_service AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY required_service_worker ON required_service AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY review_seat_api ON review_seat AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY review_seat_worker ON review_seat AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY review_session_api ON review_session AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY review_session_worker ON review_session AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY room_api ON room AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY room_worker ON room AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY school_cycle_api ON school_cycle AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY school_cycle_worker ON school_cycle AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY seen_need_api ON seen_need AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY seen_need_worker ON seen_need AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY staff_member_api ON staff_member AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY staff_member_worker ON staff_member AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY wanderer_api ON wanderer AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_api ON week AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_worker ON week AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY week_digest_api ON week_digest AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_digest_worker ON week_digest AS PERMISSIVE FOR ALL TO scheduler_worker USING (true) WITH CHECK (true);
CREATE POLICY week_revision_api ON week_revision AS PERMISSIVE FOR ALL TO scheduler_api USING ((district = current_setting('app.district'::text, true))) WITH CHECK ((district = current_setting('app.district'::text, true)));
CREATE POLICY week_revision_clock ON week_revision AS PERMISSIVE FOR INSERT TO scheduler_worker WITH CHECK (true);
CREATE POLICY week_revision_worker ON week_revision AS PERMISSIVE FOR SELECT TO scheduler_worker USING (true);

-- Grants.

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE absence TO scheduler_api;
GRANT SELECT ON TABLE absence TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE adult_request TO scheduler_api;
GRANT SELECT ON TABLE adult_request TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE attendance TO scheduler_api;
GRANT SELECT ON TABLE attendance TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE audit_entry TO scheduler_api;
GRANT INSERT, SELECT ON TABLE audit_entry TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE bell_schedule TO scheduler_api;
GRANT SELECT ON TABLE bell_schedule TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE booking TO scheduler_api;
GRANT SELECT ON TABLE booking TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE calendar TO scheduler_api;
GRANT SELECT ON TABLE calendar TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE calendar_day TO scheduler_api;
GRANT SELECT ON TABLE calendar_day TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE choice_window TO scheduler_api;
GRANT INSERT, SELECT, UPDATE ON TABLE choice_window TO scheduler_worker;
GRANT SELECT ON TABLE cycle_step TO scheduler_api;
GRANT INSERT, SELECT, UPDATE ON TABLE cycle_step TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE day_close TO scheduler_api;
GRANT SELECT ON TABLE day_close TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE essential TO scheduler_api;
GRANT SELECT ON TABLE essential TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE feed TO scheduler_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE keep_rule TO scheduler_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE learner_setting TO scheduler_api;
GRANT SELECT ON TABLE learner_setting TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE locked_session TO scheduler_api;
GRANT SELECT ON TABLE locked_session TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE offer TO scheduler_api;
GRANT SELECT ON TABLE offer TO scheduler_worker;
GRANT INSERT ON TABLE outbox TO scheduler_api;
GRANT DELETE, INSERT, SELECT ON TABLE outbox TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE pin TO scheduler_api;
GRANT SELECT ON TABLE pin TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE plan_run TO scheduler_api;
GRANT INSERT, SELECT, UPDATE ON TABLE plan_run TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE policy TO scheduler_api;
GRANT SELECT ON TABLE policy TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE proposal TO scheduler_api;
GRANT SELECT ON TABLE proposal TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE quick_check TO scheduler_api;
GRANT INSERT, SELECT ON TABLE ranking TO scheduler_api;
GRANT SELECT ON TABLE ranking TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE ranking_answer TO scheduler_api;
GRANT SELECT ON TABLE ranking_answer TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE relay_cursor TO scheduler_worker;
GRANT DELETE, INSERT, SELECT ON TABLE request_log TO scheduler_api;
GRANT INSERT, SELECT ON TABLE request_outcome TO scheduler_api;
GRANT INSERT, SELECT ON TABLE request_outcome TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE request_week TO scheduler_api;
GRANT INSERT, SELECT, UPDATE ON TABLE request_week TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE required_service TO scheduler_api;
GRANT SELECT ON TABLE required_service TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE review_seat TO scheduler_api;
GRANT SELECT ON TABLE review_seat TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE review_session TO scheduler_api;
GRANT SELECT ON TABLE review_session TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE room TO scheduler_api;
GRANT SELECT ON TABLE room TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE school_cycle TO scheduler_api;
GRANT SELECT ON TABLE school_cycle TO scheduler_worker;
GRANT INSERT, SELECT, UPDATE ON TABLE seen_need TO scheduler_api;
GRANT SELECT ON TABLE seen_need TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE staff_member TO scheduler_api;
GRANT SELECT ON TABLE staff_member TO scheduler_worker;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE uptime TO scheduler_api;
GRANT SELECT ON TABLE uptime TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE wanderer TO scheduler_api;
GRANT SELECT ON TABLE week TO scheduler_api;
GRANT INSERT, SELECT ON TABLE week TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE week_digest TO scheduler_api;
GRANT INSERT, SELECT ON TABLE week_digest TO scheduler_worker;
GRANT INSERT, SELECT ON TABLE week_revision TO scheduler_api;
GRANT INSERT, SELECT ON TABLE week_revision TO scheduler_worker;
GRANT UPDATE (actor, adult_id, held, marks, minutes, revision, service, slot_id, take_time, version) ON TABLE attendance TO scheduler_api;
GRANT UPDATE (revoke_time, revoker) ON TABLE feed TO scheduler_api;
GRANT SELECT (district, expire_date, keep_rule_id, kind, learner_id, other_id, school_id, version) ON TABLE keep_rule TO scheduler_worker;
GRANT UPDATE (end_time, state) ON TABLE plan_run TO scheduler_api;
GRANT UPDATE (adult_id, competency_id, level, record_time, show_time, version) ON TABLE quick_check TO scheduler_api;
GRANT UPDATE (from_monday, look_time) ON TABLE school_cycle TO scheduler_worker;
GRANT UPDATE (draft_number, draft_run_id, revision, sign_off_adult, sign_off_hash, sign_off_time) ON TABLE week TO scheduler_api;
GRANT UPDATE (draft_number, draft_run_id, lock_time, revision, sign_off_adult, sign_off_hash, sign_off_time) ON TABLE week TO scheduler_worker;

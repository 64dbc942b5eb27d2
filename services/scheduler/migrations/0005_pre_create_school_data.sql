-- What a school sets beside its rooms and offers, and all that a policy, a room and an offer can say.

-- A number that no school has set holds the product's default, as a policy that is read anew does.
ALTER TABLE policy
  ADD COLUMN legal_cap                 integer NOT NULL DEFAULT 4,
  ADD COLUMN own_choice_seats_per_week integer NOT NULL DEFAULT 1,
  ADD COLUMN enrichment_seats_per_week integer NOT NULL DEFAULT 0,
  ADD COLUMN own_choice_share_milli    integer NOT NULL DEFAULT 150,
  ADD COLUMN prerequisite_share_milli  integer NOT NULL DEFAULT 500,
  ADD COLUMN far_behind_level_milli    integer NOT NULL DEFAULT 2000,
  ADD COLUMN far_behind_share_milli    integer NOT NULL DEFAULT 500,
  ADD COLUMN cycle_weeks               integer NOT NULL DEFAULT 3,
  ADD COLUMN exit_level_milli          integer NOT NULL DEFAULT 3000,
  ADD COLUMN exit_evidence_count       integer NOT NULL DEFAULT 2,
  ADD COLUMN return_level_milli        integer NOT NULL DEFAULT 2700,
  ADD COLUMN cycles_without_gain       integer NOT NULL DEFAULT 2,
  ADD COLUMN dok_one_run               integer NOT NULL DEFAULT 3,
  ADD COLUMN reteach_weight_milli      integer NOT NULL DEFAULT 500,
  -- [{"tier_id", "cap", …}, …] in the school's order; none: the product's tiers.
  ADD COLUMN tiers                     jsonb NOT NULL DEFAULT '[]',
  -- Those that are not the default, by name.
  ADD COLUMN weights                   jsonb NOT NULL DEFAULT '{}';

ALTER TABLE room
  -- [{"layout", "capacity"}, …]
  ADD COLUMN layouts         jsonb NOT NULL DEFAULT '[]',
  -- Closed in every week.
  ADD COLUMN closed_slot_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
  -- [{"date", "slot_ids"}, …]; no slots: the whole day.
  ADD COLUMN closures        jsonb NOT NULL DEFAULT '[]';

ALTER TABLE offer
  ADD COLUMN other_room_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
  ADD COLUMN layout         text NOT NULL DEFAULT '',
  ADD COLUMN mode           text NOT NULL DEFAULT 'taught',
  ADD COLUMN dok            integer NOT NULL DEFAULT 0,
  ADD COLUMN rich           boolean NOT NULL DEFAULT false,
  ADD COLUMN minimum        integer NOT NULL DEFAULT 0,
  ADD COLUMN tier_ids       text[] COLLATE "C" NOT NULL DEFAULT '{}',
  ADD COLUMN legal          text NOT NULL DEFAULT '',
  ADD COLUMN service        text NOT NULL DEFAULT '',
  -- {"grades", "tags"}; null: for everybody.
  ADD COLUMN scope          jsonb,
  ADD COLUMN co_adult_ids   text[] COLLATE "C" NOT NULL DEFAULT '{}';

-- Rows of a batch that were refused while the others were kept: a repeat is told them again.
ALTER TABLE request_log ADD COLUMN refused jsonb NOT NULL DEFAULT '[]';

CREATE TABLE keep_rule (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  keep_rule_id text COLLATE "C" NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('apart', 'together')),
  -- The smaller id first.
  learner_id  text COLLATE "C" NOT NULL,
  other_id    text COLLATE "C" NOT NULL CHECK (learner_id < other_id),
  -- The first day without the rule; null: it stands.
  expire_date date,
  -- Read by who set the rule and by nobody else.
  reason      text NOT NULL,
  set_by      text COLLATE "C" NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  change_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, keep_rule_id)
);

CREATE TABLE required_service (
  district    text COLLATE "C" NOT NULL,
  school_id   text COLLATE "C" NOT NULL,
  required_service_id text COLLATE "C" NOT NULL,
  learner_id  text COLLATE "C" NOT NULL,
  service     text NOT NULL,
  -- A week.
  minutes     integer NOT NULL CHECK (minutes > 0),
  -- Empty: whoever offers the service.
  adult_id    text COLLATE "C" NOT NULL,
  -- The first and the last day with it; null: no such bound.
  begin_date  date,
  end_date    date,
  version     bigint NOT NULL CHECK (version > 0),
  change_time timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, required_service_id)
);

-- The id is the competency's.
CREATE TABLE essential (
  district     text COLLATE "C" NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  essential_id text COLLATE "C" NOT NULL,
  due_date     date,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, essential_id)
);

CREATE TABLE locked_session (
  district      text COLLATE "C" NOT NULL,
  school_id     text COLLATE "C" NOT NULL,
  locked_session_id text COLLATE "C" NOT NULL,
  date          date NOT NULL,
  slot_id       text COLLATE "C" NOT NULL,
  offer_id      text COLLATE "C" NOT NULL,
  -- Empty: the planner chooses.
  competency_id text COLLATE "C" NOT NULL,
  tier_id       text COLLATE "C" NOT NULL,
  version       bigint NOT NULL CHECK (version > 0),
  change_time   timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, locked_session_id),
  FOREIGN KEY (district, school_id, offer_id) REFERENCES offer
);
CREATE INDEX locked_session_offer ON locked_session (district, school_id, offer_id);

ALTER TABLE keep_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE keep_rule FORCE ROW LEVEL SECURITY;
ALTER TABLE required_service ENABLE ROW LEVEL SECURITY;
ALTER TABLE required_service FORCE ROW LEVEL SECURITY;
ALTER TABLE essential ENABLE ROW LEVEL SECURITY;
ALTER TABLE essential FORCE ROW LEVEL SECURITY;
ALTER TABLE locked_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE locked_session FORCE ROW LEVEL SECURITY;

CREATE POLICY keep_rule_api ON keep_rule TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY required_service_api ON required_service TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY essential_api ON essential TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY locked_session_api ON locked_session TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

CREATE POLICY keep_rule_worker ON keep_rule FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY required_service_worker ON required_service FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY essential_worker ON essential FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY locked_session_worker ON locked_session FOR SELECT TO scheduler_worker USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE
  ON keep_rule, required_service, essential, locked_session TO scheduler_api;
GRANT SELECT ON required_service, essential, locked_session TO scheduler_worker;
-- A planner reads pairs and never a reason.
GRANT SELECT (district, school_id, keep_rule_id, kind, learner_id, other_id, expire_date, version)
  ON keep_rule TO scheduler_worker;

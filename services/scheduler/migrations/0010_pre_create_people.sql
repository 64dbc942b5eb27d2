-- What a school has set for its people. Ids are the roster's; nobody's name stands in here.

CREATE TABLE staff_member (
  district          text COLLATE "C" NOT NULL,
  school_id         text COLLATE "C" NOT NULL,
  -- The adult's id in the roster.
  staff_member_id   text COLLATE "C" NOT NULL,
  -- Values of Role in domain/access.py; at least one.
  roles             text[] NOT NULL CHECK (cardinality(roles) > 0),
  kinds             text[] NOT NULL,
  planning_slot_ids text[] COLLATE "C" NOT NULL,
  load              integer NOT NULL CHECK (load >= 0),
  preparations      integer NOT NULL CHECK (preparations >= 0),
  version           bigint NOT NULL CHECK (version > 0),
  change_time       timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, staff_member_id)
);

CREATE TABLE learner_setting (
  district           text COLLATE "C" NOT NULL,
  school_id          text COLLATE "C" NOT NULL,
  -- The learner's id in the roster.
  learner_setting_id text COLLATE "C" NOT NULL,
  named_adult_id     text COLLATE "C" NOT NULL,
  family_ids         text[] COLLATE "C" NOT NULL,
  tags               text[] COLLATE "C" NOT NULL,
  -- [["law", "date"], …] by law.
  consents           jsonb NOT NULL,
  -- [{"offer_id", "kind", "subject"}, …], one of the three set in each.
  opt_outs           jsonb NOT NULL,
  -- Null: the essential competencies decide.
  far_behind         boolean,
  version            bigint NOT NULL CHECK (version > 0),
  change_time        timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, learner_setting_id)
);
-- Who a caller's own learners are is asked with every call of a person.
CREATE INDEX learner_setting_named_adult
  ON learner_setting (district, school_id, named_adult_id, learner_setting_id);
CREATE INDEX learner_setting_family ON learner_setting USING gin (family_ids);

ALTER TABLE staff_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_member FORCE ROW LEVEL SECURITY;
CREATE POLICY staff_member_api ON staff_member TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY staff_member_worker ON staff_member FOR SELECT TO scheduler_worker USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_member TO scheduler_api;
GRANT SELECT ON staff_member TO scheduler_worker;

ALTER TABLE learner_setting ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner_setting FORCE ROW LEVEL SECURITY;
CREATE POLICY learner_setting_api ON learner_setting TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY learner_setting_worker ON learner_setting FOR SELECT TO scheduler_worker USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON learner_setting TO scheduler_api;
GRANT SELECT ON learner_setting TO scheduler_worker;

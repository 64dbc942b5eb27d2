-- The SIS side: aliases, merges, what systems keep (source objects), and what follows from them.
--
-- The district comes first in every key. Ids are compared byte by byte (COLLATE "C").

-- How systems call people and sections, and from when until when.
CREATE TABLE alias (
  district     text COLLATE "C" NOT NULL,
  -- 1 learner, 2 adult, 3 section.
  subject_kind smallint NOT NULL CHECK (subject_kind IN (1, 2, 3)),
  kind         smallint NOT NULL,
  -- The source whose ids these are; empty for e-mails and SIS numbers.
  system       text COLLATE "C" NOT NULL,
  value        text COLLATE "C" NOT NULL,
  -- Microseconds since 1970; included. Spans of one reference never overlap: they are written under
  -- the district's lock.
  from_micros  bigint NOT NULL,
  until_micros bigint NOT NULL CHECK (until_micros > from_micros),
  subject_id   text COLLATE "C" NOT NULL,
  -- The source whose user says it, which may say otherwise one day; empty where a person has said it.
  said_by      text COLLATE "C" NOT NULL,
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, subject_kind, kind, system, value, from_micros)
);
CREATE INDEX alias_subject ON alias (district, subject_id, subject_kind);

-- That two records are of one person, as a person has said, and whether that was undone.
CREATE TABLE learner_merge (
  district     text COLLATE "C" NOT NULL,
  merge_id     text COLLATE "C" NOT NULL,
  learner_id   text COLLATE "C" NOT NULL,
  into_id      text COLLATE "C" NOT NULL CHECK (into_id <> learner_id),
  actor        text NOT NULL,
  note         text NOT NULL,
  merge_time   timestamptz NOT NULL,
  undo_actor   text,
  undo_time    timestamptz,
  PRIMARY KEY (district, merge_id),
  FOREIGN KEY (district, learner_id) REFERENCES learner,
  FOREIGN KEY (district, into_id) REFERENCES learner (district, learner_id)
);
CREATE UNIQUE INDEX learner_merge_standing ON learner_merge (district, learner_id)
  WHERE undo_time IS NULL;

-- Evidence whose learner or competencies are to be looked up anew, and how far that has come.
CREATE TABLE resolution (
  district      text COLLATE "C" NOT NULL,
  resolution_id bigint GENERATED ALWAYS AS IDENTITY,
  -- 1 the evidence of a learner, 2 of an item, 3 of the district; 4 what a source's objects show.
  scope         smallint NOT NULL CHECK (scope IN (1, 2, 3, 4)),
  source        text COLLATE "C" NOT NULL,
  subject       text COLLATE "C" NOT NULL,
  -- Evidence, or objects, up to here have been looked at.
  after_id      bytea NOT NULL DEFAULT '',
  -- What was under way when it was asked for may have missed it, so all is looked at twice: the second
  -- time when every transaction of then has ended.
  pass          smallint NOT NULL DEFAULT 1 CHECK (pass IN (1, 2)),
  not_before    timestamptz NOT NULL,
  PRIMARY KEY (district, resolution_id)
);
CREATE INDEX resolution_subject ON resolution (district, scope, source, subject);

-- What each system keeps about one thing, whole, in the form of OneRoster 1.2 or CASE 1.1.
CREATE TABLE source_object (
  district          text COLLATE "C" NOT NULL,
  collection        text COLLATE "C" NOT NULL,
  object_id         text COLLATE "C" NOT NULL,
  source            text COLLATE "C" NOT NULL,
  parent_collection text COLLATE "C",
  parent_id         text COLLATE "C",
  deleted           boolean NOT NULL,
  -- When its source changed it, in microseconds since 1970; 0 where the source does not say. The time
  -- that is given out is then that of the receipt.
  modified_micros   bigint NOT NULL DEFAULT 0,
  modified_time     timestamptz NOT NULL,
  content           jsonb NOT NULL,
  version           bigint NOT NULL CHECK (version > 0),
  -- Of what was sent: what is the same again is not looked at.
  digest            bytea NOT NULL CHECK (octet_length(digest) = 16),
  -- The import that last brought it, changed or not.
  import_id         text COLLATE "C",
  -- When it last came, changed or not: what nobody has brought since an import of all began is gone.
  seen_time         timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The observations that were last derived from it.
  parts             text[] NOT NULL DEFAULT '{}',
  -- What it is derived from has changed.
  due               boolean NOT NULL DEFAULT false,
  -- When it or one of its children last changed here.
  change_time       timestamptz NOT NULL,
  class_id          text COLLATE "C" GENERATED ALWAYS AS (content #>> '{class,sourcedId}') STORED,
  course_id         text COLLATE "C" GENERATED ALWAYS AS (content #>> '{course,sourcedId}') STORED,
  line_item_id      text COLLATE "C" GENERATED ALWAYS AS (content #>> '{lineItem,sourcedId}') STORED,
  assessment_line_item_id text COLLATE "C"
    GENERATED ALWAYS AS (content #>> '{assessmentLineItem,sourcedId}') STORED,
  score_scale_id    text COLLATE "C"
    GENERATED ALWAYS AS (content #>> '{scoreScale,sourcedId}') STORED,
  org_id            text COLLATE "C" GENERATED ALWAYS AS (content #>> '{org,sourcedId}') STORED,
  school_id         text COLLATE "C" GENERATED ALWAYS AS (content #>> '{school,sourcedId}') STORED,
  student_id        text COLLATE "C" GENERATED ALWAYS AS (content #>> '{student,sourcedId}') STORED,
  user_id           text COLLATE "C" GENERATED ALWAYS AS (content #>> '{user,sourcedId}') STORED,
  role              text COLLATE "C" GENERATED ALWAYS AS (content #>> '{role}') STORED,
  assessment_id     text COLLATE "C"
    GENERATED ALWAYS AS (content #>> '{assessmentReference,assessmentIdentifier}') STORED,
  association_type  text COLLATE "C"
    GENERATED ALWAYS AS (content #>> '{associationType}') STORED,
  PRIMARY KEY (district, collection, object_id),
  CHECK ((parent_id IS NULL) = (parent_collection IS NULL))
);
CREATE INDEX source_object_parent
  ON source_object (district, parent_collection, parent_id, collection)
  WHERE parent_id IS NOT NULL;
CREATE INDEX source_object_due ON source_object (district, collection, object_id) WHERE due;
-- What is looked for within contents. Columns, since under row-level security no index on an expression
-- over JSON is used.
CREATE INDEX source_object_class_id
  ON source_object (district, collection, class_id, object_id) WHERE class_id IS NOT NULL;
CREATE INDEX source_object_course_id
  ON source_object (district, collection, course_id, object_id) WHERE course_id IS NOT NULL;
CREATE INDEX source_object_line_item_id
  ON source_object (district, collection, line_item_id, object_id) WHERE line_item_id IS NOT NULL;
CREATE INDEX source_object_assessment_line_item_id
  ON source_object (district, collection, assessment_line_item_id, object_id) WHERE assessment_line_item_id IS NOT NULL;
CREATE INDEX source_object_score_scale_id
  ON source_object (district, collection, score_scale_id, object_id) WHERE score_scale_id IS NOT NULL;
CREATE INDEX source_object_org_id
  ON source_object (district, collection, org_id, object_id) WHERE org_id IS NOT NULL;
CREATE INDEX source_object_school_id
  ON source_object (district, collection, school_id, object_id) WHERE school_id IS NOT NULL;
CREATE INDEX source_object_student_id
  ON source_object (district, collection, student_id, object_id) WHERE student_id IS NOT NULL;
CREATE INDEX source_object_user_id
  ON source_object (district, collection, user_id, object_id) WHERE user_id IS NOT NULL;
CREATE INDEX source_object_role
  ON source_object (district, collection, role, object_id) WHERE role IS NOT NULL;
CREATE INDEX source_object_assessment_id
  ON source_object (district, collection, assessment_id, object_id) WHERE assessment_id IS NOT NULL;
CREATE INDEX source_object_association_type
  ON source_object (district, collection, association_type, object_id) WHERE association_type IS NOT NULL;
CREATE INDEX source_object_change ON source_object (district, collection, change_time, object_id);

-- What the items of a source are about.
CREATE TABLE item_alignment (
  district      text COLLATE "C" NOT NULL,
  source        text COLLATE "C" NOT NULL,
  item          text COLLATE "C" NOT NULL,
  -- One column each of references to competencies, in one order.
  kinds         smallint[] NOT NULL,
  "values"      text[] NOT NULL,
  frameworks    text[] NOT NULL,
  weights_milli integer[] NOT NULL,
  maximum_milli bigint,
  dok           smallint NOT NULL CHECK (dok BETWEEN 0 AND 4),
  version       bigint NOT NULL CHECK (version > 0),
  change_time   timestamptz NOT NULL,
  PRIMARY KEY (district, source, item)
);

-- For which competency the evidence of another one counts: of one that was replaced, or that is the
-- same as one of the district's. The first may be an identifier that the district has no item of.
CREATE TABLE competency_successor (
  district      text COLLATE "C" NOT NULL,
  competency_id text COLLATE "C" NOT NULL,
  counted_id    text COLLATE "C" NOT NULL,
  change_time   timestamptz NOT NULL,
  PRIMARY KEY (district, competency_id),
  FOREIGN KEY (district, counted_id) REFERENCES competency (district, competency_id)
);
CREATE INDEX competency_successor_counted ON competency_successor (district, counted_id);

CREATE TABLE term (
  district     text COLLATE "C" NOT NULL,
  term_id      text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  kind         text NOT NULL,
  begin_date   date NOT NULL,
  -- The last day of it, unlike OneRoster, where the day after stands.
  last_date    date NOT NULL,
  -- The year in which the school year ends.
  school_year  smallint NOT NULL,
  parent_id    text COLLATE "C" NOT NULL,
  active       boolean NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, term_id)
);

CREATE TABLE section (
  district     text COLLATE "C" NOT NULL,
  section_id   text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  school_id    text COLLATE "C" NOT NULL,
  course_code  text NOT NULL,
  subject      text NOT NULL,
  grade        text NOT NULL,
  term_ids     text[] COLLATE "C" NOT NULL,
  periods      text[] NOT NULL,
  active       boolean NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, section_id),
  FOREIGN KEY (district, school_id) REFERENCES school
);
CREATE INDEX section_school ON section (district, school_id, section_id);

CREATE TABLE enrolment (
  district     text COLLATE "C" NOT NULL,
  enrolment_id text COLLATE "C" NOT NULL,
  section_id   text COLLATE "C" NOT NULL,
  -- 1 learner, 2 adult.
  person_kind  smallint NOT NULL CHECK (person_kind IN (1, 2)),
  person_id    text COLLATE "C" NOT NULL,
  begin_date   date,
  last_date    date,
  active       boolean NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  change_time  timestamptz NOT NULL,
  PRIMARY KEY (district, enrolment_id),
  FOREIGN KEY (district, section_id) REFERENCES section
);
CREATE INDEX enrolment_section ON enrolment (district, section_id, enrolment_id);
CREATE INDEX enrolment_person ON enrolment (district, person_kind, person_id);

-- How to read what a source sends, and when it last sent anything.
CREATE TABLE source (
  district               text COLLATE "C" NOT NULL,
  source                 text COLLATE "C" NOT NULL,
  time_zone              text NOT NULL,
  objective_maximum_milli bigint NOT NULL CHECK (objective_maximum_milli > 0),
  -- A bulk import that would delete more than this share (thousandths) of a collection is held.
  deletion_limit_milli   integer NOT NULL CHECK (deletion_limit_milli BETWEEN 0 AND 1000),
  -- The school of learners of whom nothing says which is theirs; empty for none.
  learners_org           text NOT NULL,
  last_receive_time      timestamptz,
  last_occur_time        timestamptz,
  change_time            timestamptz NOT NULL,
  PRIMARY KEY (district, source)
);

-- One import of a source's objects: what it brought, and the deletions that wait for a person.
CREATE TABLE sync (
  district       text COLLATE "C" NOT NULL,
  import_id      text COLLATE "C" NOT NULL,
  source         text COLLATE "C" NOT NULL,
  -- 1 running, 2 held: the deletions wait for a person, 3 finished, 4 finished without deletions.
  state          smallint NOT NULL CHECK (state IN (1, 2, 3, 4)),
  -- Collections of which this import brings all there is; what it does not bring is gone.
  bulk           text[] COLLATE "C" NOT NULL,
  deleted_count  bigint NOT NULL,
  begin_time     timestamptz NOT NULL,
  -- What came after this is there. By the database's clock alone, as seen_time of objects is: the
  -- clocks of those who keep and of those who begin may differ.
  since_time     timestamptz NOT NULL DEFAULT clock_timestamp(),
  end_time       timestamptz,
  actor          text NOT NULL,
  -- How far its objects have been looked at, by key: first to count what is missing, then to delete it.
  -- There is no index on seen_time, which would write every object anew whenever it is seen.
  walk_collection text COLLATE "C" NOT NULL,
  walk_id        text COLLATE "C" NOT NULL,
  -- Of the collections that have been counted so far, one entry each: how many objects there are, and
  -- how many of these are missing.
  counted_collections text[] COLLATE "C" NOT NULL,
  standing_counts bigint[] NOT NULL,
  missing_counts  bigint[] NOT NULL,
  -- All is counted; what is missing is being deleted.
  counted        boolean NOT NULL,
  PRIMARY KEY (district, import_id)
);
CREATE INDEX sync_source ON sync (district, source, begin_time);

-- How far the pulls from a source have come, in the words of whoever pulls.
CREATE TABLE pull_cursor (
  district text COLLATE "C" NOT NULL,
  source   text COLLATE "C" NOT NULL,
  -- Tells the pulls of one source apart.
  name     text COLLATE "C" NOT NULL,
  content  text NOT NULL CHECK (octet_length(content) <= 4096),
  put_time timestamptz NOT NULL,
  PRIMARY KEY (district, source, name)
);

-- Row-level security is the second wall behind the credential: without a district, no row.
ALTER TABLE alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE alias FORCE ROW LEVEL SECURITY;
ALTER TABLE learner_merge ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner_merge FORCE ROW LEVEL SECURITY;
ALTER TABLE source_object ENABLE ROW LEVEL SECURITY;
ALTER TABLE source_object FORCE ROW LEVEL SECURITY;
ALTER TABLE item_alignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE item_alignment FORCE ROW LEVEL SECURITY;
ALTER TABLE competency_successor ENABLE ROW LEVEL SECURITY;
ALTER TABLE competency_successor FORCE ROW LEVEL SECURITY;
ALTER TABLE term ENABLE ROW LEVEL SECURITY;
ALTER TABLE term FORCE ROW LEVEL SECURITY;
ALTER TABLE section ENABLE ROW LEVEL SECURITY;
ALTER TABLE section FORCE ROW LEVEL SECURITY;
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
ALTER TABLE source ENABLE ROW LEVEL SECURITY;
ALTER TABLE source FORCE ROW LEVEL SECURITY;
ALTER TABLE sync ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync FORCE ROW LEVEL SECURITY;
ALTER TABLE pull_cursor ENABLE ROW LEVEL SECURITY;
ALTER TABLE pull_cursor FORCE ROW LEVEL SECURITY;
ALTER TABLE resolution ENABLE ROW LEVEL SECURITY;
ALTER TABLE resolution FORCE ROW LEVEL SECURITY;

CREATE POLICY alias_api ON alias TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY learner_merge_api ON learner_merge TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY source_object_api ON source_object TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY item_alignment_api ON item_alignment TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY competency_successor_api ON competency_successor TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY term_api ON term TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY section_api ON section TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY enrolment_api ON enrolment TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY source_api ON source TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY sync_api ON sync TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY pull_cursor_api ON pull_cursor TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY resolution_api ON resolution TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

-- The resolver looks in every district for what is due, and sees nothing of what was sent.
CREATE POLICY source_object_worker ON source_object FOR SELECT TO evidence_worker USING (true);
CREATE POLICY resolution_worker ON resolution FOR SELECT TO evidence_worker USING (true);
CREATE POLICY source_worker ON source FOR SELECT TO evidence_worker USING (true);

GRANT SELECT, INSERT, UPDATE ON source_object, item_alignment, term, section, enrolment, source, sync,
  pull_cursor, learner_merge TO evidence_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON alias, competency_successor, resolution TO evidence_api;
GRANT SELECT (district, due) ON source_object TO evidence_worker;
GRANT SELECT (district) ON source TO evidence_worker;
GRANT SELECT (district, resolution_id, not_before) ON resolution TO evidence_worker;

-- A school's calendar: its year, its bell schedules, and what is special about single dates.

CREATE TABLE calendar (
  district       text COLLATE "C" NOT NULL,
  school_id      text COLLATE "C" NOT NULL,
  first_day      date NOT NULL,
  last_day       date NOT NULL,
  -- The weekdays with school; 1 is Monday.
  iso_weekdays   smallint[] NOT NULL,
  -- In rotation; empty: no rotation.
  cycle_days     text[] COLLATE "C" NOT NULL,
  -- Reasons for which a day without school uses up its cycle day.
  uses_cycle_day text[] COLLATE "C" NOT NULL,
  -- [{"bell_schedule_id", "iso_weekday", "cycle_day"}, …]
  bells          jsonb NOT NULL,
  -- [{"term_id", "display_name", "first_day", "last_day", "bells"}, …]
  terms          jsonb NOT NULL,
  -- [{"title", "first_day", "last_day"}, …]
  breaks         jsonb NOT NULL,
  -- {step: {"iso_weekday", "clock"}, …}
  week_clock     jsonb NOT NULL,
  version        bigint NOT NULL CHECK (version > 0),
  change_time    timestamptz NOT NULL,
  PRIMARY KEY (district, school_id),
  CHECK (last_day >= first_day)
);

CREATE TABLE bell_schedule (
  district         text COLLATE "C" NOT NULL,
  school_id        text COLLATE "C" NOT NULL,
  bell_schedule_id text COLLATE "C" NOT NULL,
  display_name     text NOT NULL,
  -- [{"period_id", "start", "end", "label", "flexible", "own_choice", "subject", "scope"}, …] in
  -- the school's order.
  periods          jsonb NOT NULL,
  version          bigint NOT NULL CHECK (version > 0),
  change_time      timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, bell_schedule_id)
);

CREATE TABLE calendar_day (
  district         text COLLATE "C" NOT NULL,
  school_id        text COLLATE "C" NOT NULL,
  -- The ISO date, so that a date is there once.
  calendar_day_id  text COLLATE "C" NOT NULL,
  date             date NOT NULL,
  -- Why there is no school; null: there is.
  no_school        text,
  title            text NOT NULL,
  -- Null: the bells that the calendar's rules give.
  bell_schedule_id text COLLATE "C",
  -- Set by hand; empty: by rotation.
  cycle_day        text COLLATE "C" NOT NULL,
  version          bigint NOT NULL CHECK (version > 0),
  change_time      timestamptz NOT NULL,
  PRIMARY KEY (district, school_id, calendar_day_id),
  UNIQUE (district, school_id, date),
  FOREIGN KEY (district, school_id, bell_schedule_id) REFERENCES bell_schedule
);
CREATE INDEX calendar_day_bells ON calendar_day (district, school_id, bell_schedule_id)
  WHERE bell_schedule_id IS NOT NULL;

ALTER TABLE calendar ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar FORCE ROW LEVEL SECURITY;
ALTER TABLE bell_schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE bell_schedule FORCE ROW LEVEL SECURITY;
ALTER TABLE calendar_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_day FORCE ROW LEVEL SECURITY;

CREATE POLICY calendar_api ON calendar TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY bell_schedule_api ON bell_schedule TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY calendar_day_api ON calendar_day TO scheduler_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));

-- Who plans and who keeps the clock reads the calendars of every district.
CREATE POLICY calendar_worker ON calendar FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY bell_schedule_worker ON bell_schedule FOR SELECT TO scheduler_worker USING (true);
CREATE POLICY calendar_day_worker ON calendar_day FOR SELECT TO scheduler_worker USING (true);

GRANT SELECT, INSERT, UPDATE ON calendar TO scheduler_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON bell_schedule, calendar_day TO scheduler_api;
GRANT SELECT ON calendar, bell_schedule, calendar_day TO scheduler_worker;

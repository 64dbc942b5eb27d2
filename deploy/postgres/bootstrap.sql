-- The roles and databases of the three services. Safe to run again: it only adds what is missing,
-- and sets the passwords that it is given.
--
-- One source for two readers. Each block below is a query that returns statements, and `\gexec`
-- runs what it returned, one statement at a time and outside any transaction, which is what CREATE
-- DATABASE asks for.
--   psql (docker-compose, Helm):  psql -v ON_ERROR_STOP=1 -v evidence_owner_password=… -f bootstrap.sql
--   Python (deploy/local/databases.py):  splits at `\gexec`, puts the variables in, and does the same.
-- So this file may use nothing of psql but `\gexec` and quoted variables (a colon and a quoted name).
--
-- For each service, with `evidence` as the example:
--   evidence_owner   owns the database and so its schema; runs migrations; no service runs as this role
--   evidence_api     answers requests; owns nothing and lives under row-level security
--   evidence_worker  consumers, relays, projectors; owns nothing; migrations give it a policy for all
--                    districts, because its chunks hold many
-- What api and worker may do to each table is granted by the migrations, table by table.

-- Roles. NOBYPASSRLS and the like are the defaults; they are written out because safety rests on them.
SELECT format(
         'CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted.role)
  FROM (VALUES ('evidence_owner'), ('evidence_api'), ('evidence_worker'),
               ('mastery_owner'), ('mastery_api'), ('mastery_worker'),
               ('scheduler_owner'), ('scheduler_api'), ('scheduler_worker')) AS wanted (role)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.role)
\gexec

-- Passwords: a SCRAM verifier may be given in place of a password.
SELECT format('ALTER ROLE %I PASSWORD %L', given.role, given.password)
  FROM (VALUES ('evidence_owner', :'evidence_owner_password'),
               ('evidence_api', :'evidence_api_password'),
               ('evidence_worker', :'evidence_worker_password'),
               ('mastery_owner', :'mastery_owner_password'),
               ('mastery_api', :'mastery_api_password'),
               ('mastery_worker', :'mastery_worker_password'),
               ('scheduler_owner', :'scheduler_owner_password'),
               ('scheduler_api', :'scheduler_api_password'),
               ('scheduler_worker', :'scheduler_worker_password')) AS given (role, password)
\gexec

-- Bounds. A transaction left open holds back what every relay of the server may read. A request has a
-- deadline of seconds; a chunk of a worker, and a step of a rebuild, of at most a minute. The owner
-- has none here: a migration sets its own (lock_timeout 4 s, statement_timeout 5 s).
SELECT format('ALTER ROLE %I SET %I = %L', service.name || bound.suffix, bound.setting, bound.value)
  FROM (VALUES ('evidence'), ('mastery'), ('scheduler')) AS service (name),
       (VALUES ('_api', 'transaction_timeout', '15s'),
               ('_api', 'idle_in_transaction_session_timeout', '10s'),
               ('_worker', 'transaction_timeout', '60s'),
               ('_worker', 'idle_in_transaction_session_timeout', '30s')) AS bound (suffix, setting, value)
\gexec

-- A managed PostgreSQL gives no superuser: whoever runs this must be a member of a role to make a
-- database for it.
SELECT format('GRANT %I TO CURRENT_USER', owner.role)
  FROM (VALUES ('evidence_owner'), ('mastery_owner'), ('scheduler_owner')) AS owner (role)
 WHERE NOT pg_has_role(CURRENT_USER, owner.role, 'SET')
\gexec

-- Databases. The owner of a database owns its schema `public` through the role pg_database_owner.
SELECT format('CREATE DATABASE %I OWNER %I', 'trellis_' || service.name, service.name || '_owner')
  FROM (VALUES ('evidence'), ('mastery'), ('scheduler')) AS service (name)
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'trellis_' || service.name)
\gexec

-- Who may enter: nobody but the service's own roles.
SELECT format(action.statement, 'trellis_' || service.name, service.name || action.suffix)
  FROM (VALUES ('evidence'), ('mastery'), ('scheduler')) AS service (name),
       (VALUES (1, 'REVOKE ALL ON DATABASE %I FROM PUBLIC', ''),
               (2, 'GRANT CONNECT ON DATABASE %I TO %I', '_owner'),
               (2, 'GRANT CONNECT ON DATABASE %I TO %I', '_api'),
               (2, 'GRANT CONNECT ON DATABASE %I TO %I', '_worker')) AS action (step, statement, suffix)
 ORDER BY action.step, service.name
\gexec

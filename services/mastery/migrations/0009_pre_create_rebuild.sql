-- Where a rebuild lays aside what it has read of the ledger, in tables that it makes and drops.
CREATE SCHEMA rebuild;
GRANT USAGE, CREATE ON SCHEMA rebuild TO mastery_worker;

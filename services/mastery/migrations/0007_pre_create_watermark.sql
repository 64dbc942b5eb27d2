-- The watermark that the fold has passed in each partition of the evidence topic: all entries of the
-- ledger up to its position that are ever published were published before it. It has no district, and
-- is written in the transaction that folds what stands before it.
CREATE TABLE partition_watermark (
  partition       integer PRIMARY KEY CHECK (partition >= 0),
  position        bigint  NOT NULL CHECK (position > 0),
  -- Over how many partitions keys were spread then.
  partition_count integer NOT NULL CHECK (partition_count > 0)
) WITH (fillfactor = 70);
GRANT SELECT ON partition_watermark TO mastery_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON partition_watermark TO mastery_worker;

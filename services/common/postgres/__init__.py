"""PostgreSQL: the pool, the classes of faults, migrations, the outbox and the dead letters."""

"""The tables of `make bench-schedule`, each in a module with a `PART`."""

"""How the fold fares on a large state: `python -m tests.bench.large_state --help`."""

"""OneRoster 1.2 as a provider over REST: rostering, gradebook and assessments, resources."""

"""The demonstration: a made-up district, its term of records, and the week that comes out."""

"""The use cases: open, load, ask the domain, write, commit. No driver and no message in here."""

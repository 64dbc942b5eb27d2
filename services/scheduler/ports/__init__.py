"""What the scheduler's use cases need from outside, as protocols; no driver is named here."""

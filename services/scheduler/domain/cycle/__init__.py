"""The weekly cycle of a school: what is due when, on the school's clock and calendar."""

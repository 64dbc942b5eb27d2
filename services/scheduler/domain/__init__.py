"""The week of a school, pure: what is known, what is planned, why, and what breaks a rule."""

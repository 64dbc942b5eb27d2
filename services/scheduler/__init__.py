"""The scheduler service: forms, explains and publishes the week of a school."""

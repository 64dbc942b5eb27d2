"""The mastery service: keeps every learner's state of every competency, and says what is needed."""

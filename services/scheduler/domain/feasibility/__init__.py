"""Before the search: which required services and locked sessions no week can keep, and why."""

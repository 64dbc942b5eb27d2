"""A problem as the question that the engine reads, and back: times, options, classes, items."""

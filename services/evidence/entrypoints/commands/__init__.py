"""Commands with which somebody looks after what comes in: clients of the API, like any other."""

"""Says why: each seat, each alternative, each need that is not met, each slot that does not fit."""

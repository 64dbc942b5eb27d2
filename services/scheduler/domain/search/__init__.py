"""The search: which adult opens what in which slot, and who sits in it."""

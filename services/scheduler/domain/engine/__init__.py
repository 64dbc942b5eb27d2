"""The search in integers: flat arrays and compiled loops, without a word of school life."""

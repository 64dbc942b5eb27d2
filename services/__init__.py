"""The three services of Trellis and what they have in common."""

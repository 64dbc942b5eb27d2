"""HTTP of the evidence service: the standards' REST services, its own JSON, and OAuth's tokens."""

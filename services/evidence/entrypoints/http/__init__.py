"""The ways into the evidence service over HTTP."""

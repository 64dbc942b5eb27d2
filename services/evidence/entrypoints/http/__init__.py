"""What the service gives out and takes in over HTTP, a module for each standard."""

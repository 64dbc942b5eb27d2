"""The use cases of what people ask for; each is open, load, ask the domain, commit."""

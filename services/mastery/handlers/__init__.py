"""The use cases of mastery, one async function each."""

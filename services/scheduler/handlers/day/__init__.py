"""The use cases of a published week while it is lived."""

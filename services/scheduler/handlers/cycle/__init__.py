"""The use cases of the weekly cycle: what the clock starts, what people decide, what they see."""

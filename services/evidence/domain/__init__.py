"""What evidence, the roster and the frameworks are, and what is valid: pure and synchronous.

No I/O, no protobuf, no clock: time, ids and everything known are arguments.
"""

"""What the handlers need from outside, as Protocols. No driver and no message may appear here."""

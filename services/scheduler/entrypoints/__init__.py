"""The driving side: a message becomes a command, the answer a message. No rule lives here."""

"""Between the domain and messages, by hand. No rule lives here."""

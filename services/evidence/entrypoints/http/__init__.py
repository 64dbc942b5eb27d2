"""HTTP: evidence as JSON, OneRoster's and CASE's REST bindings, tokens. No rule lives here."""

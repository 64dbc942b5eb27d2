"""How fields of a policy document are read and written, by subject."""

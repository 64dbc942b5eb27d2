"""What the handlers need of the outside, as protocols; memory and PostgreSQL both answer them."""

"""Kills everything at random while a term of records comes in, and holds the end against calm."""

"""Histories of evidence, replayed in other orders: one state and one reading for each of them."""

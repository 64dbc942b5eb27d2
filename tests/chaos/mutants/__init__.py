"""Workers with one guarantee taken out. A harness that does not catch them proves nothing."""

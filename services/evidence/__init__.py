"""Evidence: takes in records, normalises, keeps and corrects them; the roster; the frameworks."""

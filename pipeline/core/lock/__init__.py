"""The lock file as text and rows, and joining it with a journal."""

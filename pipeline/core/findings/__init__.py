"""Findings about what a person wrote, and how they are worded."""

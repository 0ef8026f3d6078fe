"""Without buying: rebuild, verify, repair, clear."""

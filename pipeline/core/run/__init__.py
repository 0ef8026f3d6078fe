"""A run while it lasts and when it has ended: what it tells, how long it takes, how it ended."""

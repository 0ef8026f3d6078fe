"""The journal: the durable record of every paid attempt."""

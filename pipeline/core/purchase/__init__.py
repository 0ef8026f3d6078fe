"""Buying: attempts and their states, the plan, money's limits, what providers answer."""

"""A strict double of the hosted API, for tests alone; it shares no code with the product."""

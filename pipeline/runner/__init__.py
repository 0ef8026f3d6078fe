"""Use cases: carry out what the core decided, through the adapters."""

"""A neural voice that sings: its graph is cut open and driven by the score."""

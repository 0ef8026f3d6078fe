"""What was measured of a take, and what follows from it."""

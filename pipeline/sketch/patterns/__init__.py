"""What each instrument plays in a bar, by genre and energy."""

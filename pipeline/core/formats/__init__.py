"""File formats read and written by their bytes: audio containers, tags, pictures."""

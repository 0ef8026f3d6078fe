"""Where the store is, and which files of it are needed."""

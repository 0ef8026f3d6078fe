"""What is wanted: albums, songs, takes, and the identity of a request."""

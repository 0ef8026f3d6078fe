"""The overview of all albums: what its page shows, before there is any HTML."""

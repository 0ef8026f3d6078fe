"""The listening room: what the page of an album shows, before there is any HTML."""

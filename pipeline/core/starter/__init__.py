"""A first album: what ``songmake init`` writes."""

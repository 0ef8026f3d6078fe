"""What songmake costs beside its peers and its limits: ``make bench``."""

"""Programs as processes of their own without the price of a start: see :mod:`.started`."""

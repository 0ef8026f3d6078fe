"""What songmake costs beside its peers (``make bench``), and how its sketches sound (sound/)."""

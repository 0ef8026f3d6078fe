"""``python -m pipeline`` is ``songmake``."""

from pipeline.cli.entry import main

if __name__ == "__main__":
    main()

"""``python -m pipeline`` is ``songmake``."""

from pipeline.cli.main import main

if __name__ == "__main__":
    main()

"""The command line: reads arguments and environment, calls a use case, prints."""

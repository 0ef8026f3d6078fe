"""The reference, written from the code: ``make reference`` brings docs/reference/ in step.

Every page is a pure function of what the program says of itself: click's commands, the schemas,
the exit codes and states with the comments beside them. The suite compares the checked-in pages.
"""

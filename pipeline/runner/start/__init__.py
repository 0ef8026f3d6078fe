"""Getting started: a first album, and whether a set-up is sound."""

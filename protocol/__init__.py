"""The ground that all rooms stand on: the dialects as values, and how files of settings are read.

Data first: what a dialect is stands in its folder below `protocol/dialects/`. Nothing here imports another
room; every room may import it.
"""

"""The ground that all rooms stand on: the protocol's words, the dialects as values, JSON values, settings.

Data first: what a dialect is stands in its folder below `protocol/dialects/`. Nothing here imports another
room; every room may import it.
"""

"""Command line of the conformance suite for the Realtime WebSocket protocol family."""

__version__ = "0.2.0"

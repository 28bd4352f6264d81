"""How much is said in one conversation that is drawn."""

RESPONSES = 2
"""Responses asked for in one conversation, at most: they are what costs."""

MOST_SPOKEN_S = 12.0
"""Seconds of audio that a spoken answer of one word takes, at most."""

APPENDS = 8
"""Pieces of audio appended in one conversation, at most."""

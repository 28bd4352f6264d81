"""What options have as their defaults, bounds and choices, where `--help` can name it at no cost."""

MOST_REPEATS = 100
"""How often a run can be repeated at most."""

READY_S = 60.0
"""Seconds a server has to become ready, where nobody says otherwise."""

KINDS = ("walk", "mutants", "frames")
"""What `generate` makes."""

"""Many sessions at once, each judged while it goes on: at which load a server stops being correct."""

"""What we say: events, broken frames and conversations to send. Imports nothing of ours but `schemas`."""

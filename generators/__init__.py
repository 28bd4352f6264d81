"""What we say: events, broken frames, conversations to send. Of ours, it imports `protocol` and `schemas`."""

"""How a conversation is carried and captured. Of ours, only `protocol` is imported here."""

"""How a conversation is carried and captured. Nothing of ours is imported here."""

"""The realtime channel as a pack."""

"""Protocol packs: what is known of each channel, so that one tool judges them all (ADR 15)."""

"""Speech recognition: `/stt/v1/transcribe:streamBidirectional`."""

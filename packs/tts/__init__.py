"""Speech synthesis: `/tts/v1/voice:streamBidirectional`."""

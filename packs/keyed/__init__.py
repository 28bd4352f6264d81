"""The judge of channels whose messages have no `type`: they are told apart by the one key that they carry."""

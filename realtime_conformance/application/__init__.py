"""What a command or pytest does, whoever asks: from a target to a plan, a run and its report."""

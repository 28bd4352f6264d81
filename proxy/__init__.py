"""Stands between any client and any server: relays bytes as they are, and writes down what they say."""

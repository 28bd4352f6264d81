"""The fault catalogue: on demand, the reference server disobeys in exactly one way."""

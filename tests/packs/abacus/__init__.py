"""A fourth channel, made up for tests: it is sent numbers and answers with their sum."""

"""A client that behaves, in legal variants, and on demand misbehaves in just one way.

It is to requirements of clients what the reference server is to those of servers.
"""

"""When we say it: scenarios, one module per client event or theme, and what runs them.

A scenario drives a session to a point and names the requirements it is meant to provoke. It judges nothing.
"""

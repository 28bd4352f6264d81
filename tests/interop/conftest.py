"""What has a tox environment of its own runs only when it is named.

That is the referee of the AsyncAPI documents, and the clients that are large.
"""

from __future__ import annotations

collect_ignore = [
    "test_asyncapi_parser.py",
    "test_large_clients_through_the_proxy.py",
    "test_large_realtime_clients.py",
    "test_speech_clients.py",
]

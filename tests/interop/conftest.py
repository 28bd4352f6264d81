"""The referee of the AsyncAPI documents has a tox environment of its own: it runs only when it is named."""

from __future__ import annotations

collect_ignore = ["test_asyncapi_parser.py"]

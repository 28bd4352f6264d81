"""A Realtime server that obeys the protocol, written from the facts alone.

It is the referee of the suite's rules, so nothing here knows a rule: this package imports no other
room, and it checks client events with its own hand-written shapes. Docstrings name the facts they
obey by their ids (``RS-08``, ``CI-04``, ...), as the fact sheets of the protocol number them.

The way of an event, one direction only::

    frame -> frames.decode -> shapes (what a client may say) -> session -> desks -> outbox -> frame

``session`` hands each client event to one of three desks: ``items`` (the conversation),
``listening`` (the input audio and its turns) and ``responses`` (what the server says). The desks
share one ``state.State``. Everything except ``server`` is free of sockets and of asyncio.
"""

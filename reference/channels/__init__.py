"""What the two services beside Realtime share: the way in, the messages' form, the session, the line.

Speech synthesis (`reference.tts`) and speech recognition (`reference.stt`) are served by the same server on
paths of their own. Docstrings name the facts they obey by their ids (``CN-01``, ``TO-04``,
``ST-07``, ...). The way of a message is one direction only, as with Realtime::

    frame -> frames.decode_frame -> messages (which key it carries) -> session -> service -> messages -> frame

Messages of these channels have no ``type`` on the wire: they are told apart by the one key that they carry.
Inside they have one, with what stands under the key as ``body``, so that faults and variants are written as
they are for Realtime.
"""

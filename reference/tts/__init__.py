"""Speech synthesis: contexts that take text and speak it, in tones of a length that follows the text.

``service`` hands each message to its context; ``voice_settings`` are what ``create`` asks for, checked and
completed; ``contexts`` buffer, speak and close; ``utterance`` cuts text into chunks with their alignment;
``encodings`` are the forms of the audio.
"""

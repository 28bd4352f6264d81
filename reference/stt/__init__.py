"""Speech recognition: it hears speech by its energy, and knows some utterances by the shape of it.

``service`` takes messages in their order, ``listen_settings`` are what ``transcribeConfig`` asks for,
``hearing`` cuts audio into turns, ``recognition`` says which words were heard.
"""

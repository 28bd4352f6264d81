"""What `conftest.py` is made of: options and items of pytest."""

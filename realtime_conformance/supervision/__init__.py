"""A server under test as a process: started, watched, ended; and what ends us."""

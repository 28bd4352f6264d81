"""Reads conversations as people have them: a module for each form in which programs write them down."""

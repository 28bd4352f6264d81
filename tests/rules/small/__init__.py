"""Small traces by area, each with what the judge makes of it."""

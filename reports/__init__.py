"""What we tell people: one pure report model, and writers that only render it."""

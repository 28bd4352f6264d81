"""What must be true: the requirement registry, the rules, and the judge. Pure."""

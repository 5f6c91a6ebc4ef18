"""What the records mean: steps, producers, what is true now."""

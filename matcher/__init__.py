"""Is it a complaint, and whose case is it."""

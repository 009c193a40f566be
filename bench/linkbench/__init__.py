"""LinkBench: an invented company, its customers and cases, and posts with known answers."""

"""The static call graph and recordings laid over each other."""

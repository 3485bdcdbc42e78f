"""Whole-program propagation: which classes, callables and containers can reach which variable."""

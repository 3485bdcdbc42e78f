"""Tests of what brings the stack up and drives it."""

"""Baselines of call flow, contracts on it, and the comparison of two flows."""

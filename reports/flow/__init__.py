"""Flow diagrams: one recorded request as a sequence of messages between lanes, in several formats."""

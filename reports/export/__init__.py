"""Recordings in the formats of other tools: Perfetto, OpenTelemetry, speedscope."""

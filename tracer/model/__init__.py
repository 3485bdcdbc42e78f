"""The nouns of call flow: functions, calls, call graphs, spans and request trees."""

"""The work list on which values flow, in Python and in C: variables hold objects and hand them on."""

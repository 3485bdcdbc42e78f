"""The client of the stack: a process of its own that runs on the services' Python, under the probe.

Its orders come as one JSON object on standard input, so that no secret is seen in a process list; what
happens goes out as one JSON object a line on standard output.
"""

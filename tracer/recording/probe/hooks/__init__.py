"""One module per carrier of a trace: what takes a request into, through and out of a process.

Each has ``hooks(session)``, which gives, by name of the module to be hooked, the function to call with
that module once it
is loaded. Hooks follow rules of frameworks; none knows a function of a service.
"""

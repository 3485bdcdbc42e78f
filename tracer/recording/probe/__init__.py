"""What runs inside a traced process. Standard library only: its environment is the service's, not ours.

Inside a service the folder is loaded under the name ``stackwalk_probe`` (see ``boot/sitecustomize.py``),
so that
nothing of the project's own packages becomes importable there.
"""

"""The folder that is put on ``PYTHONPATH``; it holds ``sitecustomize`` and nothing else that could be
imported."""

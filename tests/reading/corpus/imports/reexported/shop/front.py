from .counter import Counter


def serve_everyone():
    return Counter().serve()

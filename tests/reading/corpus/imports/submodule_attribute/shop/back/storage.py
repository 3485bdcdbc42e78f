def store():
    return 2

def servers():
    return 1


def flavors():
    return 2


ROUTES = (
    ("/servers", servers),
    ("/flavors", flavors),
)


def serve(path):
    for prefix, handler in ROUTES:
        if path == prefix:
            return handler()
    return None


serve("/servers")
serve("/flavors")

def create():
    return 1


def delete():
    return 2


routes = {"/servers": {"POST": create, "DELETE": delete}}


def post():
    return routes["/servers"]["POST"]()


def remove():
    return routes["/servers"]["DELETE"]()


post()
remove()

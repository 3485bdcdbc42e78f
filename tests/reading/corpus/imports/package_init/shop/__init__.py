from shop.counter import serve


def open_shop():
    return serve()

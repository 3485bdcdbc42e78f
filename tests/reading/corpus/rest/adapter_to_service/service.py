def list_things(request):
    return []


def show_thing(request):
    return {}


def remove_thing(request):
    return None


def list_parts(request):
    return []


def rename_part(request):
    return {}


def add_part(request):
    return {}


ROUTES = {
    "/things": {"GET": list_things},
    "/things/{name}": {"GET": show_thing, "DELETE": remove_thing},
    "/things/{name}/parts": {"GET": list_parts, "POST": add_part},
    "/things/{name}/parts/{part}": {"PUT": rename_part},
}

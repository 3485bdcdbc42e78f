def read_chunk():
    return ""


def read_all():
    return [chunk for chunk in iter(read_chunk, "")]


read_all()

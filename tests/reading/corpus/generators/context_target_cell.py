import contextlib


@contextlib.contextmanager
def target_cell(context, cell):
    copied = copy_context(context)
    connect(copied, cell)
    yield copied


def copy_context(context):
    return Context(context)


class Context:
    def __init__(self, parent):
        self.parent = parent

    def elevated(self):
        return self


def connect(context, cell):
    context.cell = cell


class Cells:
    def each(self, context):
        for cell in ("a", "b"):
            with target_cell(context, cell) as cctxt:
                yield cctxt.elevated()


def run():
    return list(Cells().each(None))


run()

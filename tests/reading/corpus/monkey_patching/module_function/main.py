import tools


def replacement():
    return 2


def run():
    return tools.use()


run()
tools.act = replacement
run()

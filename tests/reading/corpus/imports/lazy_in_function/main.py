def run():
    import tools
    from tools import helper

    return tools.act() + helper()


run()

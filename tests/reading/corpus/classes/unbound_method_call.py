class Tool:
    def use(self, how):
        return how()


def gently():
    return 1


tool = Tool()
Tool.use(tool, gently)
method = Tool.use
method(tool, gently)

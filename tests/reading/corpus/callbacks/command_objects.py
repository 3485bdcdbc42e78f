class Save:
    def __init__(self, document):
        self.document = document

    def execute(self):
        return self.document.save()


class Print:
    def __init__(self, document):
        self.document = document

    def execute(self):
        return self.document.print()


class Document:
    def save(self):
        return 1

    def print(self):
        return 2


class Invoker:
    def __init__(self):
        self.history = []

    def invoke(self, command):
        self.history.append(command)
        return command.execute()


document = Document()
invoker = Invoker()
invoker.invoke(Save(document))
invoker.invoke(Print(document))

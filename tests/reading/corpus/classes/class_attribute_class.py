class Reader:
    def read(self):
        return 1


class FastReader(Reader):
    def read(self):
        return 2


class Session:
    reader_class = Reader

    def load(self):
        return self.reader_class().read()


class FastSession(Session):
    reader_class = FastReader


Session().load()
FastSession().load()

import contextlib


class Database:
    @contextlib.contextmanager
    def session(self):
        session = Session()
        yield session
        session.commit()


class Session:
    def add(self):
        return 1

    def commit(self):
        return 2


class Store:
    def __init__(self, database):
        self.database = database

    def save(self):
        with self.database.session() as session:
            session.add()


Store(Database()).save()

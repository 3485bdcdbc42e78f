# needs: oslo_versionedobjects
from things import Thing


class Context:
    pass


def run():
    thing = Thing.get(Context(), "a")
    thing.save()
    return thing


run()

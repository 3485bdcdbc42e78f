class Plugin:
    plugins = []

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.plugins.append(cls)

    @classmethod
    def all(cls):
        return [plugin() for plugin in cls.plugins]


class One(Plugin):
    def run(self):
        return 1


class Two(Plugin):
    def run(self):
        return 2


for plugin in Plugin.all():
    plugin.run()

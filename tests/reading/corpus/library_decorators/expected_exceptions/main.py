# needs: oslo_messaging
import oslo_messaging


class Manager:
    @oslo_messaging.expected_exceptions(KeyError)
    def show(self, name):
        return self._find(name)

    def _find(self, name):
        return name


Manager().show("a")

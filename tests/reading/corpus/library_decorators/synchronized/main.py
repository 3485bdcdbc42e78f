# needs: oslo_concurrency
from oslo_concurrency import lockutils

synchronized = lockutils.synchronized_with_prefix("corpus-")


class Tracker:
    @lockutils.synchronized("claims")
    def claim(self):
        return self._update()

    def _update(self):
        return 1

    def build(self, name):
        @synchronized(name)
        def do_build():
            return self._update()

        return do_build()


def run():
    tracker = Tracker()
    tracker.claim()
    with lockutils.lock("other"):
        return tracker.build("a")


run()

# needs: oslo_service
from oslo_service import loopingcall


class Driver:
    def snapshot(self, name):
        timer = loopingcall.FixedIntervalLoopingCall(self._check, name)
        return timer.start(0).wait()

    def _check(self, name):
        raise loopingcall.LoopingCallDone(name)


Driver().snapshot("a")

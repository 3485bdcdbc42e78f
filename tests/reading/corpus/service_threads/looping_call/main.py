# needs: oslo_service
from oslo_service import loopingcall


class Waiter:
    def __init__(self):
        self.rounds = 0

    def wait(self):
        def poll():
            self.rounds += 1
            if self.finished():
                raise loopingcall.LoopingCallDone(self.result())

        timer = loopingcall.FixedIntervalLoopingCall(poll)
        return timer.start(interval=0).wait()

    def finished(self):
        return self.rounds > 1

    def result(self):
        return self.rounds


Waiter().wait()

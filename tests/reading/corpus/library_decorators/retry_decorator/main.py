# needs: oslo_service
from oslo_service import loopingcall


class Plug:
    def detach(self):
        @loopingcall.RetryDecorator(max_retry_count=1, inc_sleep_time=0, max_sleep_time=0, exceptions=ValueError)
        def try_once():
            return self._detach()

        return try_once()

    def _detach(self):
        return 1


Plug().detach()

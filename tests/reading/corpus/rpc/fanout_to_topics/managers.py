import oslo_messaging as messaging


class SchedulerManager:
    target = messaging.Target(version="4.5")

    def refresh(self, ctxt):
        return self.reload()

    def reload(self):
        return 1


class ComputeManager:
    target = messaging.Target(version="6.5")

    def refresh(self, ctxt, host):
        return host

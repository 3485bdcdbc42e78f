from oslo_config import cfg
from oslo_service import periodic_task

cfg.CONF([], project="corpus")


class PeriodicTasks(periodic_task.PeriodicTasks):
    def __init__(self):
        super().__init__(cfg.CONF)


class Manager(PeriodicTasks):
    def periodic_tasks(self, context):
        return self.run_periodic_tasks(context)

    @periodic_task.periodic_task(spacing=1, run_immediately=True)
    def _sync_power_states(self, context):
        return self._query()

    @periodic_task.periodic_task(run_immediately=True)
    def _reclaim(self, context):
        return 2

    def _query(self):
        return 1

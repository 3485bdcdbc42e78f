import oslo_messaging as messaging


class BaseEndpoint:
    target = messaging.Target(namespace="baseapi", version="1.1")

    def ping(self, context):
        return "pong"


class TaskEndpoint:
    target = messaging.Target(namespace="tasks", version="1.5")

    def migrate(self, context):
        return self.update(context)

    def update(self, context):
        return 1


class ConductorManager:
    target = messaging.Target(version="3.0")

    def __init__(self):
        self.additional_endpoints = [TaskEndpoint()]

    def update(self, context):
        return 2

    def migrate(self, context):
        return 3

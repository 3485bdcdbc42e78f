# needs: oslo_privsep
import privileged.files
from privileged import context

context.set_client_mode(False)


def run():
    privileged.files.write("a")
    return privileged.files.remove("b")


run()

class SshDriver:
    def copy(self):
        return "ssh"


class RsyncDriver:
    def copy(self):
        return "rsync"

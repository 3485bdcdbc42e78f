"""Hashes passwords as keystone stores them.

Run by the services' Python interpreter, never imported: reads a JSON object of names and passwords from
standard input, and writes one of names and hashes to standard output.
"""

import json
import sys

import bcrypt

# The passwords are long and random: slow hashing would protect nothing.
ROUNDS = 4


def main() -> None:
    """Hash every password."""
    passwords = json.load(sys.stdin)
    hashes = {
        name: bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()
        for name, password in passwords.items()
    }
    json.dump(hashes, sys.stdout)


if __name__ == "__main__":
    main()

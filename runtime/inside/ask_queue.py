"""Asks the message broker whether somebody listens on queues.

Run by the services' Python interpreter inside the stack's network, never imported: ``ask_queue.py PORT QUEUE...``,
with the broker's password in ``STACKWALK_BROKER_PASSWORD``. Ends with status 0 when all queues have a listener; else
the last line says what is missing.
"""

import os
import sys

import amqp


def main() -> None:
    """Ask for each queue."""
    port, *queues = sys.argv[1:]
    address = f"127.0.0.1:{port}"
    connection = amqp.Connection(
        address,
        userid="stack",
        password=os.environ["STACKWALK_BROKER_PASSWORD"],
        connect_timeout=5,
        read_timeout=5,
    )
    with connection:
        for queue in queues:
            try:
                answer = connection.channel().queue_declare(queue, passive=True)
            except amqp.exceptions.NotFound:
                sys.exit(f"there is no queue {queue} yet")
            if answer.consumer_count == 0:
                sys.exit(f"nobody listens on queue {queue}")


main()

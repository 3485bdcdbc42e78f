import asyncio
import contextlib


class Connection:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *details):
        return close()

    def send(self):
        return 1


def close():
    return False


async def leave():
    return None


async def main():
    async with contextlib.AsyncExitStack() as stack:
        connection = await stack.enter_async_context(Connection())
        stack.push_async_callback(leave)
        connection.send()


asyncio.run(main())

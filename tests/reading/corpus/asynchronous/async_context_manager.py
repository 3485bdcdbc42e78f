import asyncio
import contextlib


@contextlib.asynccontextmanager
async def opened():
    await acquire()
    yield Resource()
    await release()


class Resource:
    async def use(self):
        return 1


async def acquire():
    return 1


async def release():
    return 2


async def main():
    async with opened() as resource:
        await resource.use()


asyncio.run(main())

import asyncio


async def attempt(operation):
    return await operation()


async def fetch():
    return parse()


def parse():
    return 1


async def main():
    await attempt(fetch)


asyncio.run(main())

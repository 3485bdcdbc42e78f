import asyncio


async def main():
    return await middle()


async def middle():
    await asyncio.sleep(0)
    return leaf()


def leaf():
    return 1


def start():
    asyncio.run(main())


start()

import asyncio


def blocking(value):
    return compute(value)


def compute(value):
    return value


async def main():
    await asyncio.to_thread(blocking, 1)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, blocking, 2)


asyncio.run(main())

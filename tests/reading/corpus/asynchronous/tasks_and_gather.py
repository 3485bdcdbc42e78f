import asyncio


async def worker(name):
    await asyncio.sleep(0)
    return work(name)


def work(name):
    return name


async def main():
    task = asyncio.create_task(worker("a"))
    await asyncio.gather(worker("b"), worker("c"))
    await task


asyncio.run(main())

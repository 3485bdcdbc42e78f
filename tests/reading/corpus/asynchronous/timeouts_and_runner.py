import asyncio


async def fetch(value):
    await asyncio.sleep(0)
    return parsed(value)


def parsed(value):
    return value


async def numbers():
    yield await fetch(1)
    yield await fetch(2)


def blocking(value):
    return value


async def collected():
    return [await fetch(number) async for number in numbers()]


async def limited():
    async with asyncio.timeout(5):
        return await fetch(3)


async def main():
    first = await anext(numbers())
    await collected()
    await limited()
    done, _ = await asyncio.wait([asyncio.ensure_future(fetch(4))])
    await asyncio.to_thread(blocking, first)
    async for number in numbers():
        parsed(number)
    return done


with asyncio.Runner() as runner:
    runner.run(main())

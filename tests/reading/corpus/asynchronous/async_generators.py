import asyncio


def begin():
    return 1


def clean():
    return None


def answer(value):
    return value


async def numbers():
    try:
        got = yield begin()
        yield answer(got)
    finally:
        clean()


async def doubled():
    async for number in numbers():
        yield number


async def main():
    source = numbers()
    await source.asend(None)
    await source.asend(2)
    await source.aclose()
    return [number async for number in doubled()]


asyncio.run(main())

import asyncio


class Feed:
    def __init__(self):
        self.left = 2

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return self.item()

    def item(self):
        return 1


async def ticks():
    yield tick()


def tick():
    return 1


async def main():
    async for _ in Feed():
        pass
    return [value async for value in ticks()]


asyncio.run(main())

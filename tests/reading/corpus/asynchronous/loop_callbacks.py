import asyncio


def soon(event):
    event.set()


def later(event):
    event.set()


async def main():
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    loop.call_soon(soon, event)
    await event.wait()
    event.clear()
    loop.call_later(0, later, event)
    await event.wait()


asyncio.run(main())

import asyncio


async def job(value):
    return done(value)


def done(value):
    return value


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(job(1))
        group.create_task(job(2))


asyncio.run(main())

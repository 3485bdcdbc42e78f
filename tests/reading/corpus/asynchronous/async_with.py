import asyncio


class Connection:
    async def __aenter__(self):
        await self.open()
        return self

    async def __aexit__(self, *error):
        await self.close()

    async def open(self):
        return 1

    async def close(self):
        return 2

    async def query(self):
        return 3


async def main():
    async with Connection() as connection:
        await connection.query()


asyncio.run(main())

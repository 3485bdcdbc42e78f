import asyncio


class Service:
    async def start(self):
        await asyncio.wait_for(self.connect(), timeout=5)

    async def connect(self):
        return await self.handshake()

    async def handshake(self):
        return 1


asyncio.run(Service().start())

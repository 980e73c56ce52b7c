"""A slow link: carries TCP from one port to another, late, and so many bytes a second. LISTEN TARGET BYTES_A_SECOND DELAY"""

import asyncio
import sys

LISTEN, TARGET, RATE, DELAY = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    free = loop.time()
    try:
        while data := await reader.read(4096):
            free = max(free, loop.time()) + len(data) / RATE
            await asyncio.sleep(max(0, free + DELAY - loop.time()))
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def connect(reader, writer):
    try:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", TARGET)
    except OSError:
        writer.close()
        return
    await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))


async def main():
    server = await asyncio.start_server(connect, "127.0.0.1", LISTEN)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())

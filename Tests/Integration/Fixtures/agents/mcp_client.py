"""An MCP client, the official one: lists the tools of `assay mcp`, calls every one, and submits an edit."""
import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

EDIT = {"path": "recipe.py", "old": "DEGREE = 3", "new": "DEGREE = 5"}
CALLS = [
    ("list_files", {}),
    ("read_file", {"path": "recipe.py"}),
    ("search", {"text": "DEGREE"}),
    ("list_trials", {"view": "recent"}),
    ("show_trial", {"trial": 0}),
    ("read_snapshot", {"trial": 0, "path": "recipe.py"}),
    ("rebase", {"trial": 0}),
    ("recombine", {"trial": 0}),
    ("edit_file", EDIT),
    ("diff", {}),
    ("check_syntax", {}),
    ("project", {}),
    ("smoke_run", {"seconds": 5}),
    ("submit", {"hypothesis": "A curve that turns twice needs a higher degree than three.", "expected_delta": -0.01}),
]


async def main():
    server = StdioServerParameters(
        command="assay", args=["mcp", "--connect", os.environ["ASSAY_MCP_SOCKET"]], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        called = {}
        for name, arguments in CALLS:
            if name not in tools:
                continue
            answer = await session.call_tool(name, arguments)
            text = "".join(part.text for part in answer.content)
            called[name] = {"error": bool(getattr(answer, "isError", getattr(answer, "is_error", False))), "text": text[:400]}
        wrong = await session.call_tool("edit_file", {"path": "../key", "old": "a", "new": "b"})
        called["outside"] = {"error": bool(getattr(wrong, "isError", getattr(wrong, "is_error", False)))}
        await session.send_ping()
        version = getattr(hello, "protocolVersion", getattr(hello, "protocol_version", ""))
        print("RESULT " + json.dumps({"tools": tools, "called": called, "version": version}))


try:
    asyncio.run(main())
except BaseException as error:
    print("FAILED", repr(error), getattr(error, "exceptions", ""))
    sys.exit(9)

#!/usr/bin/env bash
# Makes .build/model-servers: a Python environment with programs that tests talk to and that somebody else wrote, litellm's proxy
# (a server of both model APIs) and the official client of the Model Context Protocol.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=.build/model-servers
stamp=$environment/.installed
if [ -f "$stamp" ] && [ "$stamp" -nt tools/model-servers.sh ]; then exit 0; fi
echo "setup: Python environment with model servers and the MCP client in $environment (about a minute)"
mkdir -p .build
/usr/bin/python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check 'litellm[proxy]==1.106.*' 'mcp==2.3.*'
touch "$stamp"

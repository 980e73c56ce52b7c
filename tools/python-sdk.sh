#!/usr/bin/env bash
# Makes .build/python: a Python environment with the SDK, and with what tests need that others wrote: a package that checks
# signatures, MLflow's own client, a driver for the browser, and a database that reads CSV.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=.build/python
stamp=$environment/.installed
if [ -f "$stamp" ] && [ "$stamp" -nt sdk/python/pyproject.toml ] && [ "$stamp" -nt tools/python-sdk.sh ]; then exit 0; fi
echo "setup: Python environment with the SDK in $environment"
mkdir -p .build
# The system's own Python: another one may lack what its packages need.
/usr/bin/python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check 'pynng>=0.8' 'protobuf>=4.21' 'cryptography>=41' \
  'mlflow-skinny>=3,<4' 'playwright>=1.40,<2' 'duckdb>=1.1' 'kubernetes-validate==1.37.0' 'PyYAML>=6'
# The SDK is used from where it lies.
site=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$PWD/sdk/python" >"$site/assay_sdk.pth"
touch "$stamp"

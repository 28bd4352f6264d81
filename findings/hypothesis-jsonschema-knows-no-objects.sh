#!/usr/bin/env bash
# hypothesis-jsonschema makes no JSON object any more, and pip installs it beside the Hypothesis that breaks it.
#
# With:      hypothesis-jsonschema 0.23.1, hypothesis 6.170.17 (PyPI), Python 3.11
# Behaviour: The generator reaches into Hypothesis for a class that changed in 6.170.10, and its metadata asks only
#            for 6.84.3 or newer. Schemas of strings still work; every schema of an object, and so of every event of
#            this protocol, raises AttributeError. With 6.170.9 the same schema gives objects.
# Seen on 2026-11-30:
#   hypothesis 6.170.17, a delta: str
#   hypothesis 6.170.17, response.cancel: AttributeError
#   hypothesis 6.170.9, a delta: str
#   hypothesis 6.170.9, response.cancel: dict
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check hypothesis-jsonschema==0.23.1 hypothesis==6.170.17

expected='hypothesis 6.170.17, a delta: str
hypothesis 6.170.17, response.cancel: AttributeError
hypothesis 6.170.9, a delta: str
hypothesis 6.170.9, response.cancel: dict'

cat >"$folder/draw.py" <<'PYTHON'
import hypothesis
from hypothesis_jsonschema import from_schema

event = {"type": "object", "required": ["type"], "properties": {"type": {"const": "response.cancel"}}}
for name, schema in (("a delta", {"type": "string"}), ("response.cancel", event)):
    kinds = set()

    @hypothesis.settings(max_examples=5, database=None)
    @hypothesis.given(from_schema(schema))
    def draw(value):
        kinds.add(type(value).__name__)

    try:
        draw()
    except AttributeError as error:
        kinds = {type(error).__name__}
    print(f"hypothesis {hypothesis.__version__}, {name}:", *kinds)
PYTHON
seen=$(
    "$folder/venv/bin/python" "$folder/draw.py"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check hypothesis==6.170.9
    "$folder/venv/bin/python" "$folder/draw.py"
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "hypothesis-jsonschema-knows-no-objects: this has changed" >&2; exit 1; }
echo "hypothesis-jsonschema-knows-no-objects: as described"

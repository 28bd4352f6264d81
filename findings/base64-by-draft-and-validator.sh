#!/usr/bin/env bash
# Whether `contentEncoding: base64` is enforced depends on the validator, and in one of them on the draft.
#
# With:      jsonschema 4.26.0, jsonschema-rs 0.61.2 (PyPI), Python 3.11
# Behaviour: Audio that is not Base64 breaks a schema with `contentEncoding: base64` for jsonschema-rs in draft 7, the
#            draft of AsyncAPI 2.x payloads; in 2020-12, the draft of OpenAPI 3.1, it does not, and for jsonschema it
#            does in neither. The same schema, moved from an AsyncAPI document to an OpenAPI one, stops refusing it.
#            `contentMediaType` does likewise.
# Seen on 2026-11-30:
#   draft 7, audio that is not Base64: jsonschema takes it, jsonschema-rs refuses it
#   draft 7, arguments that are not JSON: jsonschema takes it, jsonschema-rs refuses it
#   2020-12, audio that is not Base64: jsonschema takes it, jsonschema-rs takes it
#   2020-12, arguments that are not JSON: jsonschema takes it, jsonschema-rs takes it
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jsonschema==4.26.0 jsonschema-rs==0.61.2

expected='draft 7, audio that is not Base64: jsonschema takes it, jsonschema-rs refuses it
draft 7, arguments that are not JSON: jsonschema takes it, jsonschema-rs refuses it
2020-12, audio that is not Base64: jsonschema takes it, jsonschema-rs takes it
2020-12, arguments that are not JSON: jsonschema takes it, jsonschema-rs takes it'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import jsonschema
import jsonschema_rs

drafts = {
    "draft 7": (jsonschema.Draft7Validator, jsonschema_rs.Draft7Validator),
    "2020-12": (jsonschema.Draft202012Validator, jsonschema_rs.Draft202012Validator),
}
cases = {
    "audio that is not Base64": ({"type": "string", "contentEncoding": "base64"}, "not base64!"),
    "arguments that are not JSON": ({"type": "string", "contentMediaType": "application/json"}, "city: Paris"),
}
for draft, (one, other) in drafts.items():
    for case, (schema, value) in cases.items():
        said = ["takes it" if each(schema).is_valid(value) else "refuses it" for each in (one, other)]
        print(f"{draft}, {case}: jsonschema {said[0]}, jsonschema-rs {said[1]}")
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "base64-by-draft-and-validator: this has changed" >&2; exit 1; }
echo "base64-by-draft-and-validator: as described"

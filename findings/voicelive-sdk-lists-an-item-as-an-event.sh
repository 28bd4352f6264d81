#!/usr/bin/env bash
# Azure's Voice Live SDK lists the type of an item among the types of events that a client sends.
#
# With:      azure-ai-voicelive 1.3.1 (PyPI), Python 3.11
# Behaviour: ClientEventType has 20 values, and there are 19 classes of client events. The one that is left over,
#            `mcp_approval_response`, is an item, sent within `conversation.item.create`; it stands in ItemType, too.
#            Who reads the list as the protocol's events knows one that no server has to take. All 56 server types
#            have a class.
# Seen on 2026-11-30:
#   client events: 20 listed, 19 classes, without a class: mcp_approval_response
#   server events: 56 listed, 56 classes, without a class: nothing
#   mcp_approval_response is a class of items: MCPApprovalResponseRequestItem
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check azure-ai-voicelive==1.3.1

expected='client events: 20 listed, 19 classes, without a class: mcp_approval_response
server events: 56 listed, 56 classes, without a class: nothing
mcp_approval_response is a class of items: MCPApprovalResponseRequestItem'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from azure.ai.voicelive import models

for side, listed, base in (
    ("client", models.ClientEventType, models.ClientEvent),
    ("server", models.ServerEventType, models.ServerEvent),
):
    names, classes = {each.value for each in listed}, set(base.__mapping__)
    left = " ".join(sorted(names - classes)) or "nothing"
    print(f"{side} events: {len(names)} listed, {len(classes)} classes, without a class: {left}")
item = models.ConversationRequestItem.__mapping__["mcp_approval_response"]
print("mcp_approval_response is a class of items:", item.__name__)
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "voicelive-sdk-lists-an-item-as-an-event: this has changed" >&2; exit 1; }
echo "voicelive-sdk-lists-an-item-as-an-event: as described"

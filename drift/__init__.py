"""What newer SDKs say of the protocol, held against our documents: `tox -e drift`.

No room of the suite: it is neither in the wheel nor imported by anything. `flat`, `spelling` and
`differences` are pure; `sdk_openai` and `sdk_voicelive` read what is installed; `__main__` prints.
"""

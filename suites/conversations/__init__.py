"""Conversations that nobody thought of: a state machine talks, a model knows what must have come of it.

A Hypothesis `RuleBasedStateMachine` (`machine`) draws what to say next. Each example is a session of its own,
opened on the run's event loop from the machine's thread (`bridge`), so that what fails can be made shorter
from a clean start. A small model (`content`) knows what the conversation must hold; the rules judge the
trace. Which states and transitions of the protocol were visited is counted against a table (`table`).
"""

"""What is well-formed: AsyncAPI documents, their loader, and the contract of validators made from one.

Nothing of ours is imported here; every other room may import this one.
"""

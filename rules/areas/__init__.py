"""The rules, one module an area; importing this package registers all of them."""

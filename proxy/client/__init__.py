"""What is required of a client, and who judges it: apart from the server, and by the same machinery."""

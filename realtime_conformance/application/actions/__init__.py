"""What the subcommands do. Each is loaded when its command is called: `--help` needs none of it."""

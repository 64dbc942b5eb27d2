"""The command `call`: any method of a service's contracts from a shell, without a program."""

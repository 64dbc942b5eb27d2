"""A published week while it is lived: attendance, services delivered, who is where, who is away."""

"""gRPC: the server, the client and the credentials that both carry."""

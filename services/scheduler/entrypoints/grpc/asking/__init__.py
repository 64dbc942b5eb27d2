"""RequestService on gRPC, part by part."""

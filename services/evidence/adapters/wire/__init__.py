"""Domain values to protobuf messages and back, by hand: what alone knows the contract."""

"""Domain values to protobuf messages and back, by hand. The only adapters that know the contract."""

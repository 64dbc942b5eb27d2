"""HTTP beside gRPC in one loop: servers, health, problem answers and sign-in."""

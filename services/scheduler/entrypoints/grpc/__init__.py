"""SchedulerService on gRPC, a module for each part of its contract. It must not decide anything."""

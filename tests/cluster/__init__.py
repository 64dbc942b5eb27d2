"""The chart on a real Kubernetes: `make cluster-test`. By hand and in a stage of its own."""

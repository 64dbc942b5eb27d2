"""Messages to values of the domain and back; the only place that knows both."""

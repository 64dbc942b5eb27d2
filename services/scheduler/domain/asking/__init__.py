"""What learners and adults ask for in a week: choices, requests, needs that people see, bookings.

Everything here is pure. What adults ask for in a slot is settled by `domain.requests`.
"""

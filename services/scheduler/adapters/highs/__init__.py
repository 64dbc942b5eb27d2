"""Exact questions answered by HiGHS: the seats of a week's sessions, small weeks as a whole.

One thread, a fixed seed and limits in work, never in time, keep each answer the same on every run.
"""

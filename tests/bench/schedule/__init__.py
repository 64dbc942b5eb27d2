"""Schools that nobody has, weeks known to be best, and what else could plan them."""

from services.scheduler.adapters.compiled import keep_compiled_code

keep_compiled_code()

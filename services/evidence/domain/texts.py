"""What ids and free texts may hold: the same for records, rosters and frameworks."""

import re
from typing import Final

IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id of a resource name, for `fullmatch`."""

_CONTROL = "\x00-\x1f\x7f-\x9f\ud800-\udfff"

UNKEEPABLE: Final = re.compile(f"[{_CONTROL}]")
"""Control characters (NUL among them, which PostgreSQL's text cannot hold) and lone surrogates."""

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL's text and jsonb cannot hold: NUL and lone surrogates. Of what is kept whole,
such as a comment on a result, line breaks and the like are kept."""

UNPRINTABLE: Final = re.compile(f"[{_CONTROL}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Those, and what breaks prints: separators break lines, and direction marks can make a name read
as another one."""

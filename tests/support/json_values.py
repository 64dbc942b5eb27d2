"""Values of JSON: any at all, every place in one, and one with something changed in it."""

from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3)
    ),
    max_leaves=8,
)


def places_in(content, place=()):
    """Yield every place of a value: names and numbers, from the outside in."""
    yield place
    if isinstance(content, dict | list):
        parts = content.items() if isinstance(content, dict) else enumerate(content)
        for part, below in parts:
            yield from places_in(below, (*place, part))


def value_at(content, place):
    """Return what stands at a place."""
    for part in place:
        content = content[part]
    return content


def changed(content, place, value):
    """Return a copy with another value at a place."""
    if not place:
        return value
    copy = dict(content) if isinstance(content, dict) else list(content)
    copy[place[0]] = changed(content[place[0]], place[1:], value)
    return copy

"""The one failure that no retry can cure."""


class Rejected(Exception):  # noqa: N818 - it is a verdict on the object, not an error of the lake
    """An object that can never succeed as it is; the text tells its owner why and what to do."""

"""The one exception that a user of facegen can cause."""


class FacegenError(Exception):
    """Something outside the code is not as expected: a file, a value, a setting.

    The message names the file, key or value, says what was expected and what was found,
    and tells what to do about it.
    """

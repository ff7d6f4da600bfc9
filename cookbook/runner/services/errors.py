"""Say what went wrong with a server, in words for people."""


class ServiceError(Exception):
    """A server or program cannot be had.

    The message says what was found, what was expected and what to do next.

    Attributes:
        log_tail: the last lines that the server wrote, or an empty string.
    """

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(f"{message}\n{log_tail}" if log_tail else message)
        self.log_tail = log_tail

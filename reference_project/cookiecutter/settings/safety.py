"""Finds values that would leave a public server open."""


def find_unsafe_settings(secret_key: str, allowed_hosts: list[str]) -> list[str]:
    """Find the values that no public server may run with.

    :param secret_key: the key that signs sessions and tokens.
    :param allowed_hosts: the host names that this server answers to.
    :returns: one sentence for each, saying what to do; an empty list when all is well.
    """
    found = []
    command = 'python -c "import secrets; print(secrets.token_urlsafe(64))"'
    if not secret_key:
        found.append(f"SECRET_KEY is not set. Make one with: {command}")
    elif "insecure" in secret_key or "change-me" in secret_key:
        found.append(f"SECRET_KEY is an example that everyone knows. Make one with: {command}")
    elif len(secret_key) < 50 or len(set(secret_key)) < 5:
        found.append(
            "SECRET_KEY is easy to guess: it needs 50 characters, 5 of them different. "
            f"Make one with: {command}"
        )
    if not allowed_hosts:
        found.append("ALLOWED_HOSTS is not set. List this server's names, separated by commas.")
    elif "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS is *, which answers to any name. List this server's names.")
    return found

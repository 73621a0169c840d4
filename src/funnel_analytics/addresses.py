"""Web addresses that may stand behind a name: of http and https only, and nothing hidden in them."""

import re
from urllib.parse import quote, urlsplit

from .errors import ArgumentError

_ADDRESS = re.compile(r"https?://[^\s\"'<>\\^`{|}\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE)
_LONGEST = 2_000
"""Excel takes links of up to 2,079 characters."""
_PLACE = "{id}"


def web_address(text: object) -> str | None:
    """The address that a text is; None where it is none that a reader should be sent to.

    A user's name before the host hides where a link leads, and another scheme than http or https may run something.

    Examples
    --------
    >>> web_address(" https://acme.example/deal/17 ")
    'https://acme.example/deal/17'
    >>> web_address("javascript:alert(1)"), web_address("https://bank.example@evil.example/"), web_address(None)
    (None, None, None)
    """
    address = text.strip() if isinstance(text, str) else ""
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError:
        return None
    return address if parts.hostname and "@" not in parts.netloc else None


def address_template(text: str) -> str:
    """An address of records in which ``{id}`` stands for the record's id, checked.

    Raises
    ------
    ArgumentError
        If it is no address of http or https, or has no place for the id.

    Examples
    --------
    >>> address_template("https://acme.my.salesforce.com/{id}")
    'https://acme.my.salesforce.com/{id}'
    """
    template = text.strip()
    # A host of its own for each record would be somebody else's.
    if _PLACE not in template or not filled(template, "1") or _PLACE in urlsplit(template).netloc:
        raise ArgumentError(
            f"'{text}' is no address of records. Accepted: http:// or https://, with {{id}} where the record's id"
            " stands, as https://acme.my.salesforce.com/{id}."
        )
    return template


def filled(template: str, ident: str) -> str | None:
    """The address of one record; its id cannot change where the address leads.

    Examples
    --------
    >>> filled("https://acme.example/deal/{id}", "a/../b?c")
    'https://acme.example/deal/a%2F..%2Fb%3Fc'
    """
    return web_address(template.replace(_PLACE, quote(ident, safe="")))

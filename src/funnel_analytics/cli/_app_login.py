"""The page on which the app asks for its token, in the reader's language: the server's own is in English, and offers to
set a password for good.
"""

from typing import Any

from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.auth.login import LoginFormHandler


class _LoginPage(LoginFormHandler):
    def get_template(self, name: str) -> Any:
        return self.settings["voila_jinja2_env"].get_template(name)


class AppIdentity(PasswordIdentityProvider):
    """Whoever has the token may look; named in Voilà's settings, made by its server."""

    def __init__(self, **given: Any) -> None:
        # Voilà names a page of its own here.
        super().__init__(**given | {"login_handler_class": _LoginPage, "allow_password_change": False})

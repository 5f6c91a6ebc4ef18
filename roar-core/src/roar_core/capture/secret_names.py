"""Names of environment variables that look as if their values were secrets."""

from __future__ import annotations

import re

_WORDS = re.compile(
    r"(?:^|_)(?:KEY|KEYS|PAT|PASS|PWD|AUTH|COOKIE|COOKIES|DSN|CREDS?|SIGNATURE|SAS|JWT|OTP|PIN|SALT|LICENSE)(?:_|$)|APIKEY"
)
_ANYWHERE = re.compile(r"SECRET|TOKEN(?!IZ)|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|CONNECTION_?STRING|BEARER")
_FOLDERS = frozenset(("PWD", "OLDPWD"))


def looks_secret(name: str) -> bool:
    """Returns whether the value of a variable with this name must not be recorded."""
    upper = name.upper()
    return upper not in _FOLDERS and bool(_ANYWHERE.search(upper) or _WORDS.search(upper))

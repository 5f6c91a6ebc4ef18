"""Keys, tokens and passwords: never recorded, whatever the settings and the command say."""

from __future__ import annotations

import re

from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

# Folders, wherever they are.
_FOLDERS = re.compile(
    r"/(?:\.ssh|\.aws|\.azure|\.gnupg|\.kube|\.password-store|\.oci|\.kaggle|\.modal"
    r"|\.config/(?:gcloud|gh|glab-cli|op|kaggle|rclone|sops|roar|hub|doctl|flyctl|scaleway|wandb)"
    r"|\.local/share/keyrings|\.terraform\.d|run/secrets|etc/ssl/private|etc/ssh|krb5cc[^/]*)(?:/|$)"
)
_NAMES = frozenset(
    (
        *(
            ".netrc",
            "_netrc",
            ".pypirc",
            ".npmrc",
            ".yarnrc.yml",
            ".git-credentials",
            ".pgpass",
            ".my.cnf",
            ".mylogin.cnf",
        ),
        *(
            ".boto",
            ".s3cfg",
            ".databrickscfg",
            ".vault-token",
            ".dockercfg",
            ".htpasswd",
            ".env",
            ".envrc",
            ".cdsapirc",
        ),
        *(
            "id_rsa",
            "id_dsa",
            "id_ecdsa",
            "id_ed25519",
            "id_ecdsa_sk",
            "id_ed25519_sk",
            "application_default_credentials.json",
        ),
        *("credentials.toml", "kaggle.json", ".modal.toml", ".condarc-token", "krb5.keytab"),
    )
)
# Names that hold secrets in certain folders only.
_NAMES_IN = {
    "config.json": re.compile(r"/\.docker$"),
    "token": re.compile(r"/\.(?:cache/)?huggingface$"),
    "stored_tokens": re.compile(r"/\.(?:cache/)?huggingface$"),
    "credentials": re.compile(r"/\.cargo$"),
    "pip.conf": re.compile(r"/\.(?:config/)?pip$"),
    **dict.fromkeys(("shadow", "shadow-", "gshadow", "gshadow-", "sudoers"), re.compile("^/etc$")),
}
_PREFIXES = (".env.", "krb5cc_")
_HARMLESS = frozenset((".env.example", ".env.sample", ".env.template", ".env.dist"))


class Credentials(AccessFilter):
    """Drops what holds secrets, by well-known names. No setting turns it off and nothing overrules it."""

    scope = "always"
    by_folder = True
    special_names = "|".join(
        (*map(re.escape, (*_NAMES, *_NAMES_IN)), *(re.escape(prefix) + ".*" for prefix in _PREFIXES))
    )

    def __init__(self, context: FilterContext) -> None:
        self._folders: dict[str, bool] = {}

    def drop_reason(self, access: Access) -> str | None:
        """Returns `credentials`, or None."""
        folder, _, name = access.path.rpartition("/")
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = _FOLDERS.search(folder) is not None
        return "credentials" if known or _is_secret_name(folder, name) else None


def holds_secrets(path: str) -> bool:
    """Returns whether a file, by its absolute path, is one that this filter drops."""
    folder, _, name = path.rpartition("/")
    return _FOLDERS.search(folder) is not None or _is_secret_name(folder, name)


def _is_secret_name(folder: str, name: str) -> bool:
    if name in _NAMES:
        return True
    if name in _NAMES_IN:
        return _NAMES_IN[name].search(folder) is not None
    return name.startswith(_PREFIXES) and name not in _HARMLESS

"""`plugin.py` of every package imports the standard library and the plugin API alone."""

import json
import subprocess
import sys

import pytest
from roar_core.plugin.discovery import find_entry_points

PLUGINS = ["roar_core.builtin", *(entry.value for entry in find_entry_points(sys.path))]
ALLOWED = {"roar_core", "pluggy"}


@pytest.mark.parametrize("module", PLUGINS)
def test_plugin_module_imports_only_the_plugin_api(module):
    code = (
        f"import sys, json; before = set(sys.modules); import {module}; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in json.loads(done.stdout)}
    foreign = imported - ALLOWED - set(sys.stdlib_module_names) - {module.partition(".")[0]}
    assert not foreign

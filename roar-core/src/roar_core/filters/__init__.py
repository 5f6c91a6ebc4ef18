"""The standard filters: which files that a job touched are not worth recording, and why.

Each drop is counted under one of these words; a filter's module says exactly what it covers.

| reason            | what is dropped                                              | scope    | setting               |
|-------------------|--------------------------------------------------------------|----------|-----------------------|
| `ignored`         | what the user names                                          | always   | ignore_paths          |
| `credentials`     | keys, tokens and passwords                                   | always   | none                  |
| `package`         | standard library, packages, interpreters of Python; R's too  | anywhere | ignore_package_reads  |
| `environment`     | virtual and conda environments, `node_modules`               | anywhere | none                  |
| `version-control` | `.git`, `.hg`, `.svn`, `.jj`, `.bzr`                         | anywhere | none                  |
| `roar`            | `.roar`                                                      | anywhere | none                  |
| `compiled`        | `__pycache__`, `.pyc`, what numba and Julia compiled         | anywhere | none                  |
| `cache`           | folders with a CACHEDIR.TAG                                  | anywhere | none                  |
| `tracker`         | `wandb`, `mlruns`, `.neptune` and the like                   | anywhere | none                  |
| `system`          | reads of the system's files; /proc, /sys, /dev, /run         | location | ignore_system_reads   |
| `cache`           | what PyTorch and Triton keep                                 | location | ignore_torch_cache    |
| `cache`           | what other libraries keep below the home folder              | location | ignore_library_caches |
| `temporary`       | files below /tmp and /var/tmp that the job wrote             | location | ignore_tmp_files      |
| `version-manager` | pyenv, nvm, asdf and the like: shims, hooks, versions        | location | ignore_system_reads   |
| `system`          | start-up, settings and history files of shells and git       | location | ignore_system_reads   |

Scope `always`: dropped whatever else holds. `anywhere`: dropped inside the project too, but not a file that stands in
the command's arguments. `location`: never one of the project's own files, nor what was reached through a link in the
project, nor what lies below a folder that stands in the arguments. A project that lies in such a place itself is judged
by what is below its root. The settings are those of the section `filters`.
"""

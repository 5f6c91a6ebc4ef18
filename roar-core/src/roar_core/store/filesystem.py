"""Whether a directory lies on a file system that several hosts may write: shared memory, and so WAL, fails there."""

from __future__ import annotations

import os
from pathlib import Path

# proc(5), mountinfo: field 3 is major:minor, the file system's type is the first field after " - ".
_NETWORK_TYPES = (
    *(
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "virtiofs",
        "lustre",
        "gpfs",
        "beegfs",
        "ceph",
        "afs",
        "pvfs2",
    ),
    *(
        "orangefs",
        "glusterfs",
        "ncpfs",
        "coda",
        "ocfs2",
        "gfs2",
        "panfs",
        "wekafs",
        "vboxsf",
        "prl_fs",
        "davfs",
        "fuse",
    ),
)


def is_network(directory: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> bool:
    """Returns whether `directory` lies on a network (or FUSE) file system; False where that can't be known."""
    try:
        device = os.stat(directory).st_dev
        lines = mountinfo.read_bytes().splitlines()
    except OSError:
        return False
    wanted = b"%d:%d" % (os.major(device), os.minor(device))
    for line in lines:
        fields = line.split(b" ", 3)
        if len(fields) == 4 and fields[2] == wanted:
            kind = line.partition(b" - ")[2].split(b" ", 1)[0].decode("ascii", "replace")
            return kind in _NETWORK_TYPES or kind.startswith("fuse.")
    return False

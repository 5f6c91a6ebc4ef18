//! What tells two states of a file apart without reading it.

/// The kinds of files in `st_mode`; their type differs between systems.
#[allow(clippy::unnecessary_cast)]
pub mod kind {
    pub const MASK: u32 = libc::S_IFMT as u32;
    pub const FILE: u32 = libc::S_IFREG as u32;
    pub const DIRECTORY: u32 = libc::S_IFDIR as u32;
    pub const LINK: u32 = libc::S_IFLNK as u32;
}

/// Device, inode, size and times of a file. Equal identities mean equal bytes, as far as stat can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
}

impl Identity {
    /// Which file it was, without what state it was in: that was not seen.
    pub fn without_state(self) -> Identity {
        Identity { size: 0, mtime_ns: 0, ctime_ns: 0, ..self }
    }

    /// Whether the file's state was seen.
    pub fn has_state(&self) -> bool {
        self.ctime_ns != 0
    }
}

/// What one `stat` says of a file.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    pub identity: Identity,
    pub mode: u32,
    pub user: u32,
    pub group: u32,
    pub links: u64,
}

impl Status {
    pub fn kind(&self) -> u32 {
        self.mode & kind::MASK
    }

    pub fn is_file(&self) -> bool {
        self.kind() == kind::FILE
    }

    pub fn is_directory(&self) -> bool {
        self.kind() == kind::DIRECTORY
    }

    pub fn is_link(&self) -> bool {
        self.kind() == kind::LINK
    }

    /// Whether both name one inode.
    pub fn same_inode(&self, other: &Status) -> bool {
        self.identity.device == other.identity.device && self.identity.inode == other.identity.inode
    }
}

#[allow(clippy::unnecessary_cast)] // field types differ between architectures and C libraries
impl From<&libc::stat> for Status {
    fn from(stat: &libc::stat) -> Status {
        let nanoseconds = |seconds: i64, rest: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(rest);
        Status {
            identity: Identity {
                device: stat.st_dev as u64,
                inode: stat.st_ino as u64,
                size: stat.st_size as u64,
                mtime_ns: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
                ctime_ns: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            },
            mode: stat.st_mode as u32,
            user: stat.st_uid as u32,
            group: stat.st_gid as u32,
            links: stat.st_nlink as u64,
        }
    }
}

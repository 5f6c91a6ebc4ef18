//! What is used of `struct stat`, whatever the system.

const S_IFMT: u32 = 0o170000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: u64,
    pub ctime_ns: u64,
    pub links: u64,
    pub mode: u32,
    pub user: u32,
    pub group: u32,
}

impl Status {
    pub fn is_file(&self) -> bool {
        self.mode & S_IFMT == 0o100000
    }

    pub fn is_directory(&self) -> bool {
        self.mode & S_IFMT == 0o040000
    }

    pub fn same_inode(&self, other: &Status) -> bool {
        self.device == other.device && self.inode == other.inode
    }
}

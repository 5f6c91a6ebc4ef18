//! The BLAKE3 digest of a file that the job is about to destroy, and a copy of it where bytes are kept.

use crate::identity::Identity;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const CHUNK: usize = 1 << 18;

/// A file's bytes before the job changed them.
#[derive(Clone, Debug)]
pub struct Preserved {
    pub digest: [u8; 32],
    pub kept: Option<PathBuf>,
}

/// Opens a regular file to be read; never blocks on what turns out to be something else.
pub fn open(directory: RawFd, name: &[u8]) -> io::Result<File> {
    let flags = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_NOFOLLOW;
    // O_NOATIME is for owners only.
    let descriptor = crate::sys::open_at(directory, name, flags | crate::sys::O_NOATIME)
        .or_else(|_| crate::sys::open_at(directory, name, flags))?;
    Ok(File::from(descriptor))
}

/// Opens a file at a path, if its identity is still the one given.
pub fn open_unchanged(path: &[u8], identity: Identity) -> io::Result<File> {
    let file = open(libc::AT_FDCWD, path)?;
    check(&file, identity)?;
    Ok(file)
}

fn check(file: &File, identity: Identity) -> io::Result<()> {
    let status = crate::sys::stat_descriptor(file.as_raw_fd())?;
    if status.is_file() && status.identity == identity {
        Ok(())
    } else {
        Err(io::Error::from(io::ErrorKind::InvalidData))
    }
}

/// As `preserve`; an error if the file has changed meanwhile.
pub fn preserve_unchanged(mut file: File, identity: Identity, keep: Option<&Path>) -> io::Result<Preserved> {
    let preserved = preserve(&mut file, keep)?;
    check(&file, identity)?;
    Ok(preserved)
}

/// Digests the file, and copies it below `keep` under its digest's name.
pub fn preserve(file: &mut File, keep: Option<&Path>) -> io::Result<Preserved> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0u8; CHUNK];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
    }
    let digest = hasher.finalize();
    let kept = keep.and_then(|folder| keep_copy(file, &folder.join(digest.to_hex().as_str())).ok());
    Ok(Preserved { digest: *digest.as_bytes(), kept })
}

/// Reflinks or copies the file to `target`. A copy of the same digest that is already there will do.
fn keep_copy(file: &File, target: &Path) -> io::Result<PathBuf> {
    let mut copy = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(target) {
        Ok(copy) => copy,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(target.to_path_buf()),
        Err(error) => return Err(error),
    };
    if !crate::sys::share_blocks(file, &copy) {
        let result = copy_from_start(file, &mut copy);
        if let Err(error) = result {
            let _ = std::fs::remove_file(target);
            return Err(error);
        }
    }
    Ok(target.to_path_buf())
}

fn copy_from_start(file: &File, copy: &mut File) -> io::Result<u64> {
    use std::io::{Seek, SeekFrom};
    let mut source = file;
    source.seek(SeekFrom::Start(0))?;
    io::copy(&mut source, copy)
}

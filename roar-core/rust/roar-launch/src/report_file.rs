//! Creating the report's file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens the report for writing, mode 0600. A file that is there must be empty, unless `replace`.
pub fn create(path: &Path, replace: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600).custom_flags(libc::O_NOCTTY);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let file = options.custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        if metadata.len() > 0 && !replace {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        file.set_len(0)?;
    } else if !metadata.file_type().is_char_device() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    Ok(file)
}

//! Creating the report's file.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

const MODE: u32 = 0o600;

/// Opens the report for writing, mode 0600. A file that is there must be empty, unless `replace`.
pub fn create(path: &Path, replace: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(MODE).custom_flags(libc::O_NOCTTY);
    let create_new = || options.clone().create_new(true).open(path);
    match create_new() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let file = options.clone().custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        let is_device = metadata.file_type().is_char_device();
        return if is_device { Ok(file) } else { Err(io::Error::from(io::ErrorKind::InvalidInput)) };
    }
    if metadata.len() > 0 {
        if !replace {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        // Not emptied: who reads the old report reads it to its end, and ext4 would write out at once, while the job
        // waits, what is written to a file that was emptied.
        if is_as_made(path, &metadata) && fs::remove_file(path).is_ok() {
            return create_new();
        }
        file.set_len(0)?;
    }
    Ok(file)
}

/// Whether a new file in its place would be the same to all: no link to it, no other owner or mode.
fn is_as_made(path: &Path, metadata: &Metadata) -> bool {
    // SAFETY: a plain system call.
    let user = unsafe { libc::geteuid() };
    let is_itself = fs::symlink_metadata(path).is_ok_and(|found| found.ino() == metadata.ino());
    is_itself && metadata.nlink() == 1 && metadata.uid() == user && metadata.mode() & 0o7777 == MODE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::fs::{symlink, PermissionsExt};
    use std::path::PathBuf;

    /// A fresh folder with the report of an earlier run in it.
    fn old_report(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("roar-report-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("report");
        write(create(&path, false).unwrap(), "old");
        path
    }

    fn write(mut file: File, content: &str) {
        file.write_all(content.as_bytes()).unwrap();
    }

    #[test]
    fn test_report_of_an_earlier_run_is_kept_unless_it_may_be_replaced() {
        let path = old_report("kept");
        assert_eq!(create(&path, false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        write(create(&path, true).unwrap(), "new");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn test_who_reads_the_old_report_reads_it_to_its_end() {
        let path = old_report("read");
        let mut reader = File::open(&path).unwrap();
        write(create(&path, true).unwrap(), "new");
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, "old");
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn test_links_and_modes_that_were_given_to_the_old_report_stay() {
        let path = old_report("stay");
        let (hard, soft) = (path.with_extension("hard"), path.with_extension("soft"));
        symlink(&path, &soft).unwrap();
        write(create(&soft, true).unwrap(), "by its link");
        assert_eq!(fs::read_to_string(&path).unwrap(), "by its link");
        fs::hard_link(&path, &hard).unwrap();
        write(create(&path, true).unwrap(), "both");
        assert_eq!(fs::read_to_string(&hard).unwrap(), "both");
        fs::remove_file(&hard).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write(create(&path, true).unwrap(), "for all");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
        assert_eq!(fs::read_to_string(&path).unwrap(), "for all");
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn test_only_files_and_character_devices_take_a_report() {
        assert!(create(Path::new("/dev/null"), false).is_ok());
        assert!(create(&std::env::temp_dir(), true).is_err());
    }
}

//! The folder in which the library and the ring lie while the command runs.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Removed with all that is in it when it is dropped.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder, for this user alone. One of that name that is left from a tracer which was killed is removed before,
    /// if it is this user's.
    pub fn create(path: &Path) -> io::Result<Folder> {
        let make = || DirBuilder::new().mode(0o700).create(path);
        match make() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_own(path) => {
                fs::remove_dir_all(path)?;
                make()?;
            }
            other => other?,
        }
        Ok(Folder { path: path.to_owned() })
    }

    /// A new file, whose name is the number.
    pub fn create_file(&self, number: u64) -> io::Result<File> {
        let path = self.path.join(number.to_string());
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
    }
}

fn is_own(path: &Path) -> bool {
    // SAFETY: a plain system call.
    let user = unsafe { libc::geteuid() };
    fs::symlink_metadata(path).is_ok_and(|there| there.is_dir() && there.uid() == user)
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is in a folder that the system empties by itself.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("roar-folder-{name}-{}", std::process::id()))
    }

    #[test]
    fn test_folder_is_private_and_goes_with_all_that_is_in_it() {
        let path = place("private");
        let folder = Folder::create(&path).unwrap();
        let file = folder.create_file(1).unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        assert!(path.join("1").is_file());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn test_folder_of_a_killed_tracer_is_made_anew() {
        let path = place("stale");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("1"), "old").unwrap();
        let folder = Folder::create(&path).unwrap();
        assert_eq!(folder.create_file(1).unwrap().metadata().unwrap().len(), 0);
    }

    #[test]
    fn test_what_is_no_folder_of_ours_is_left_alone() {
        let (path, elsewhere) = (place("link"), place("elsewhere"));
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let refused = Folder::create(&path).err().map(|error| error.kind());
        assert_eq!(refused, Some(io::ErrorKind::AlreadyExists));
        assert!(elsewhere.is_dir());
        fs::remove_file(&path).unwrap();
        fs::remove_dir(&elsewhere).unwrap();
    }
}

//! Where paths lead.
#![allow(clippy::unwrap_used)]

use roar_trace::path::place::{OpenDirectory, Origin};
use roar_trace::path::{Resolver, Target};
use roar_trace::sys;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

struct Scene {
    folder: PathBuf,
    resolver: Resolver,
    now_ms: u64,
}

impl Scene {
    fn new(name: &str) -> Scene {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        let folder = folder.canonicalize().unwrap();
        std::fs::write(folder.join("file"), "x").unwrap();
        std::fs::write(folder.join("sub/file"), "x").unwrap();
        Scene { folder, resolver: Resolver::new(8), now_ms: 0 }
    }

    fn origin() -> Origin<'static> {
        let process = std::process::id() as i32;
        Origin { process, thread: process, root: None, shared: true }
    }

    fn base(&mut self) -> Rc<OpenDirectory> {
        let path = self.folder.as_os_str().as_bytes();
        let descriptor = sys::open_at(libc::AT_FDCWD, path, sys::O_PATH | libc::O_DIRECTORY).unwrap();
        Rc::new(self.resolver.describe(descriptor, &Scene::origin()).unwrap())
    }

    fn resolve(&mut self, path: &[u8]) -> Target {
        let base = self.base();
        self.resolver.resolve(&Scene::origin(), Some(&base), path, true, self.now_ms)
    }

    /// The path found, below the scene's folder, and the spelling that led to it.
    fn found(&mut self, path: impl AsRef<[u8]>) -> (PathBuf, Option<PathBuf>) {
        let Target::Found(place, _) = self.resolve(path.as_ref()) else {
            panic!("nothing at {}", String::from_utf8_lossy(path.as_ref()));
        };
        let whole = self.resolver.directories.path(place.directory.id, &place.name);
        let whole = PathBuf::from(std::ffi::OsString::from_vec(whole));
        let below = |path: PathBuf| path.strip_prefix(&self.folder).map(Path::to_path_buf).unwrap_or(path);
        let spelled =
            place.spelled.map(|spelled| below(PathBuf::from(std::ffi::OsString::from_vec(spelled))));
        (below(whole), spelled)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn test_plain_paths_have_no_other_spelling() {
    let mut scene = Scene::new("plain");
    assert_eq!(scene.found("file"), ("file".into(), None));
    assert_eq!(scene.found("./sub//file"), ("sub/file".into(), None));
    assert_eq!(scene.found("sub/../file"), ("file".into(), None));
    let absolute = scene.folder.join("sub/file");
    assert_eq!(scene.found(absolute.as_os_str().as_bytes()), ("sub/file".into(), None));
}

#[test]
fn test_links_are_followed_and_their_spelling_kept() {
    let mut scene = Scene::new("links");
    std::os::unix::fs::symlink("sub", scene.folder.join("folder")).unwrap();
    std::os::unix::fs::symlink("folder/file", scene.folder.join("link")).unwrap();
    assert_eq!(scene.found("folder/file"), ("sub/file".into(), Some("folder/file".into())));
    assert_eq!(scene.found("link"), ("sub/file".into(), Some("link".into())));
}

#[test]
fn test_link_to_nowhere_is_missing_where_it_points() {
    let mut scene = Scene::new("nowhere");
    std::os::unix::fs::symlink("sub/new", scene.folder.join("link")).unwrap();
    let Target::Missing(place) = scene.resolve(b"link") else { panic!("not missing") };
    assert_eq!(place.name, b"new");
}

#[test]
fn test_circle_of_links_leads_nowhere() {
    let mut scene = Scene::new("circle");
    std::os::unix::fs::symlink("b", scene.folder.join("a")).unwrap();
    std::os::unix::fs::symlink("a", scene.folder.join("b")).unwrap();
    assert!(matches!(scene.resolve(b"a"), Target::Nothing));
}

#[test]
fn test_missing_folder_leads_nowhere() {
    let mut scene = Scene::new("missing");
    assert!(matches!(scene.resolve(b"none/file"), Target::Nothing));
    assert!(matches!(scene.resolve(b"file/below"), Target::Nothing));
    assert!(matches!(scene.resolve(b"sub/"), Target::Nothing));
}

#[test]
fn test_descriptor_links_lead_to_the_open_file() {
    let mut scene = Scene::new("descriptor");
    let file = std::fs::File::open(scene.folder.join("file")).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&file);
    assert_eq!(scene.found(format!("/proc/self/fd/{number}")).0, Path::new("file"));
    assert_eq!(scene.found(format!("/dev/fd/{number}")).0, Path::new("file"));
    std::fs::remove_file(scene.folder.join("file")).unwrap();
    assert!(matches!(scene.resolve(format!("/proc/self/fd/{number}").as_bytes()), Target::Unnamed(_)));
}

#[test]
fn test_own_working_directory_is_the_callers_through_proc() {
    let mut scene = Scene::new("proc-cwd");
    let here = std::env::current_dir().unwrap().join("Cargo.toml");
    assert_eq!(scene.found("/proc/self/cwd/Cargo.toml").0, here);
}

#[test]
fn test_renamed_folder_is_seen_once_it_is_forgotten_or_old() {
    let mut scene = Scene::new("renamed");
    assert_eq!(scene.found("sub/file").0, Path::new("sub/file"));
    std::fs::rename(scene.folder.join("sub"), scene.folder.join("moved")).unwrap();
    scene.resolver.forget();
    assert!(matches!(scene.resolve(b"sub/file"), Target::Nothing));
    assert_eq!(scene.found("moved/file").0, Path::new("moved/file"));
    std::fs::rename(scene.folder.join("moved"), scene.folder.join("sub")).unwrap();
    scene.now_ms += 1000;
    assert!(matches!(scene.resolve(b"moved/file"), Target::Nothing));
}

#[test]
fn test_removed_folder_keeps_the_name_that_it_had() {
    let mut scene = Scene::new("removed");
    let folder = scene.folder.join("gone");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.as_os_str().as_bytes().to_vec();
    let descriptor = sys::open_at(libc::AT_FDCWD, &path, sys::O_PATH | libc::O_DIRECTORY).unwrap();
    std::fs::remove_dir(&folder).unwrap();
    let known = scene.resolver.describe(descriptor, &Scene::origin()).unwrap();
    assert_eq!(scene.resolver.directories.text(known.id), path);
}

#[test]
fn test_folder_may_be_named_as_if_it_were_removed() {
    let mut scene = Scene::new("named-deleted");
    std::fs::create_dir(scene.folder.join("odd (deleted)")).unwrap();
    std::fs::write(scene.folder.join("odd (deleted)/file"), "x").unwrap();
    assert_eq!(scene.found("odd (deleted)/file").0, Path::new("odd (deleted)/file"));
}

#[test]
fn test_paths_longer_than_the_kernel_takes_are_resolved_in_pieces() {
    let mut scene = Scene::new("long");
    let name = "d".repeat(200);
    // Three steps of two thousand bytes: no single call could name the end.
    let mut base = scene.base();
    for _ in 0..3 {
        let step = [name.as_str(); 9].join("/");
        let top = format!("/proc/self/fd/{}/{step}", base.raw());
        std::fs::create_dir_all(top).unwrap();
        let flags = sys::O_PATH | libc::O_DIRECTORY;
        let descriptor = sys::open_at(base.raw(), step.as_bytes(), flags).unwrap();
        base = Rc::new(scene.resolver.describe_deep(descriptor, &Scene::origin()).unwrap());
    }
    std::fs::write(format!("/proc/self/fd/{}/file", base.raw()), "x").unwrap();
    let target = scene.resolver.resolve(&Scene::origin(), Some(&base), b"./file", true, 0);
    let Target::Found(place, status) = target else { panic!("not found") };
    let whole = scene.resolver.directories.path(place.directory.id, &place.name);
    assert!(whole.len() > 5000);
    assert_eq!(roar_trace::report::after::identity_at(&whole), Some(status.identity));
}

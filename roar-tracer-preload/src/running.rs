//! What a process runs, asked of the kernel.

/// Path, arguments and working directory; empty where they can't be told.
#[derive(Default)]
pub struct Running {
    pub path: Vec<u8>,
    pub arguments: Vec<Vec<u8>>,
    pub directory: Vec<u8>,
}

/// What /proc says of a process.
pub fn look_at(process: i32) -> Running {
    let read = |name: &str| std::fs::read(format!("/proc/{process}/{name}")).unwrap_or_default();
    let follow = |name: &str| std::fs::read_link(format!("/proc/{process}/{name}")).unwrap_or_default();
    let bytes = |path: std::path::PathBuf| std::os::unix::ffi::OsStringExt::into_vec(path.into_os_string());
    let words = read("cmdline");
    let words = words.strip_suffix(b"\0").unwrap_or(&words);
    Running {
        path: bytes(follow("exe")),
        arguments: words.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect(),
        directory: bytes(follow("cwd")),
    }
}

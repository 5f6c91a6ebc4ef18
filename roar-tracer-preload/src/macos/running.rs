//! What a process runs, asked of the kernel (libproc).

use std::mem::MaybeUninit;

/// Path, arguments and working directory; empty where they can't be told.
#[derive(Default)]
pub struct Running {
    pub path: Vec<u8>,
    pub arguments: Vec<Vec<u8>>,
    pub directory: Vec<u8>,
}

/// What the kernel says of a process: not its arguments, which lie where it can change them.
pub fn look_at(process: i32) -> Running {
    Running {
        path: program(process).unwrap_or_default(),
        arguments: Vec::new(),
        directory: directory(process).unwrap_or_default(),
    }
}

fn program(process: i32) -> Option<Vec<u8>> {
    let mut buffer = [0u8; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    // SAFETY: the kernel writes at most the length given.
    let length = unsafe { libc::proc_pidpath(process, buffer.as_mut_ptr().cast(), buffer.len() as u32) };
    let path = buffer.get(..usize::try_from(length).ok()?)?;
    (!path.is_empty()).then(|| path.to_vec())
}

fn directory(process: i32) -> Option<Vec<u8>> {
    const SIZE: usize = size_of::<libc::proc_vnodepathinfo>();
    let mut buffer = MaybeUninit::<libc::proc_vnodepathinfo>::zeroed();
    let (kind, room) = (libc::PROC_PIDVNODEPATHINFO, buffer.as_mut_ptr().cast());
    // SAFETY: the kernel writes at most the size given.
    let written = unsafe { libc::proc_pidinfo(process, kind, 0, room, SIZE as libc::c_int) };
    if written != SIZE as libc::c_int {
        return None;
    }
    // SAFETY: the kernel has filled all of it.
    let path = unsafe { buffer.assume_init_ref() }.pvi_cdir.vip_path;
    let path = path.as_flattened().iter().map(|&letter| letter as u8);
    Some(path.take_while(|&letter| letter != 0).collect())
}

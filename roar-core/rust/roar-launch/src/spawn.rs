//! Making the job: a child of the front, not of the tracer.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Which of two processes is running after a fork.
pub enum Side {
    Child,
    Parent(i32),
}

/// Forks; with `of_parent` the child becomes a child of this process's parent (CLONE_PARENT).
///
/// # Safety
/// Only for a process with one thread.
pub unsafe fn fork(of_parent: bool) -> io::Result<Side> {
    let flags = libc::SIGCHLD | if of_parent { libc::CLONE_PARENT } else { 0 };
    // SAFETY: without CLONE_VM this is a fork; the other arguments mean "none".
    let process = unsafe { libc::syscall(libc::SYS_clone, flags as libc::c_ulong, 0, 0, 0, 0) };
    match process {
        0 => Ok(Side::Child),
        process if process > 0 => Ok(Side::Parent(process as i32)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A message with at most one descriptor.
pub struct Message {
    pub bytes: Vec<u8>,
    pub descriptors: Vec<OwnedFd>,
}

/// Sends bytes, and a descriptor with them, over a socket.
pub fn send(socket: RawFd, bytes: &[u8], descriptor: Option<RawFd>) -> io::Result<()> {
    let mut control = [0u64; 4];
    let mut vector = libc::iovec { iov_base: bytes.as_ptr() as *mut _, iov_len: bytes.len() };
    // SAFETY: the message points to live buffers; the control buffer is aligned and large enough for one descriptor.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &mut vector;
        message.msg_iovlen = 1;
        if let Some(descriptor) = descriptor {
            message.msg_control = control.as_mut_ptr().cast();
            message.msg_controllen = libc::CMSG_SPACE(4) as _;
            let header = libc::CMSG_FIRSTHDR(&message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(4) as _;
            libc::CMSG_DATA(header).cast::<i32>().write_unaligned(descriptor);
        }
        if libc::sendmsg(socket, &message, libc::MSG_NOSIGNAL) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Receives what is there, at most `limit` bytes and eight descriptors (close-on-exec). No bytes: the peer has gone.
pub fn receive(socket: &impl AsRawFd, limit: usize, flags: i32) -> io::Result<Message> {
    let mut bytes = vec![0u8; limit];
    let mut control = [0u64; 8];
    let mut vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: limit };
    let mut descriptors = Vec::new();
    // SAFETY: the message points to live buffers of the sizes given; headers are read only inside the control
    // buffer, as the CMSG functions walk it; each received descriptor is ours alone.
    let count = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = std::mem::size_of_val(&control) as _;
        let count = libc::recvmsg(socket.as_raw_fd(), &mut message, flags | libc::MSG_CMSG_CLOEXEC);
        if count < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while !header.is_null() {
            if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_RIGHTS {
                #[allow(clippy::unnecessary_cast)] // the field's type differs between C libraries
                let length = ((*header).cmsg_len as usize).saturating_sub(libc::CMSG_LEN(0) as usize);
                for index in 0..length / 4 {
                    let descriptor = libc::CMSG_DATA(header).cast::<i32>().add(index).read_unaligned();
                    descriptors.push(OwnedFd::from_raw_fd(descriptor));
                }
            }
            header = libc::CMSG_NXTHDR(&message, header);
        }
        count
    };
    bytes.truncate(count as usize);
    Ok(Message { bytes, descriptors })
}

//! The socket over which a run inside this run asks to be recorded by the same tracer.

use crate::arguments::WaitFor;
use crate::spawn;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

const MOST_BYTES: usize = 4 << 20;

/// What an inner roar asks for.
pub struct RecordRequest {
    pub process: i32,
    pub uid: String,
    pub arguments: Vec<Vec<u8>>,
    pub directory: Vec<u8>,
    pub wait: WaitFor,
    pub preserve_limit: Option<u64>,
    pub keep: Option<PathBuf>,
    pub report: File,
    pub lock: Option<OwnedFd>,
    /// The process that asks.
    pub peer: i32,
}

/// What a program asks for that is about to become one that can only be observed by a filter.
pub struct AdoptRequest {
    /// The image that it runs, as the tracer numbers it.
    pub image: u64,
    /// The filter was granted only with NO_NEW_PRIVS.
    pub no_new_privileges: bool,
    pub listener: OwnedFd,
    /// The process that asks.
    pub peer: i32,
}

#[derive(Deserialize)]
struct Wire {
    request: String,
    #[serde(default)]
    image: u64,
    #[serde(default)]
    no_new_privileges: bool,
    #[serde(default)]
    pid: i32,
    #[serde(default)]
    uid: String,
    #[serde(default)]
    argv: Vec<String>,
    argv_bytes: Option<Vec<String>>,
    #[serde(default)]
    cwd: Option<String>,
    cwd_bytes: Option<String>,
    wait: Option<String>,
    preserve_limit: Option<u64>,
    keep: Option<PathBuf>,
}

/// Which front a tracer works for. Abstract addresses are a network namespace's, process ids a pid namespace's: the first
/// process of each container has the same one.
#[derive(Clone, Copy, Debug)]
pub struct Front {
    /// The inode number of the pid namespace, 0 where that can't be had.
    pub namespace: u64,
    pub user: u32,
    pub process: i32,
}

impl Front {
    /// The front of that process id, in the namespace and of the user of this process.
    pub fn of(process: i32) -> Front {
        let namespace = std::fs::metadata("/proc/self/ns/pid").map_or(0, |status| status.ino());
        // SAFETY: a plain system call.
        Front { namespace, user: unsafe { libc::geteuid() }, process }
    }
}

/// The abstract address that inner runs look for, one for each front, and its length.
fn address(front: Front) -> (libc::sockaddr_un, libc::socklen_t) {
    let name = format!("roar-tracer/{}/{}/{}", front.namespace, front.user, front.process);
    // SAFETY: zeroed memory is valid for this type.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    // The first byte stays 0: an abstract address, gone with the socket.
    for (target, byte) in address.sun_path[1..].iter_mut().zip(name.bytes()) {
        *target = byte as libc::c_char;
    }
    let length = std::mem::size_of::<libc::sa_family_t>() + 1 + name.len();
    (address, length as libc::socklen_t)
}

fn new_socket(flags: i32) -> io::Result<OwnedFd> {
    // SAFETY: a plain system call; the descriptor is new and ours alone.
    unsafe {
        let socket = libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC | flags, 0);
        if socket < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(socket))
    }
}

/// Listens on the address that inner runs of the front look for.
pub fn listen(front: Front) -> io::Result<OwnedFd> {
    let socket = new_socket(libc::SOCK_NONBLOCK)?;
    // SAFETY: plain system calls; the address is alive and as long as is said.
    unsafe {
        let (address, length) = address(front);
        let address = std::ptr::addr_of!(address).cast();
        if libc::bind(socket.as_raw_fd(), address, length) < 0 || libc::listen(socket.as_raw_fd(), 16) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(socket)
}

/// A connection to the tracer of that front.
pub fn connect(front: Front) -> io::Result<OwnedFd> {
    let socket = new_socket(0)?;
    let (address, length) = address(front);
    // SAFETY: the address is alive and as long as is said.
    if unsafe { libc::connect(socket.as_raw_fd(), std::ptr::addr_of!(address).cast(), length) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(socket)
}

/// Asks the tracer to take this process over, and waits until it has. False: it has not.
pub fn ask_to_adopt(tracer: &OwnedFd, image: u64, no_new_privileges: bool, listener: RawFd) -> bool {
    let request = json!({"request": "adopt", "image": image, "no_new_privileges": no_new_privileges});
    let sent = spawn::send(tracer.as_raw_fd(), format!("{request}\n").as_bytes(), Some(listener));
    let answer = sent.and_then(|()| spawn::receive(tracer, 4096, 0));
    answer
        .ok()
        .and_then(|answer| serde_json::from_slice::<serde_json::Value>(answer.bytes.trim_ascii()).ok())
        .is_some_and(|answer| answer["event"] == "ready")
}

/// A peer that has connected and not yet said all that it wants.
pub struct Connection {
    pub socket: OwnedFd,
    peer: i32,
    bytes: Vec<u8>,
    descriptors: Vec<OwnedFd>,
}

/// How far a connection has come.
pub enum Progress {
    Waiting,
    Record(Box<RecordRequest>),
    Adopt(AdoptRequest),
    Refused(&'static str),
    Gone,
}

/// Takes the next waiting connection, if its user is ours or root.
pub fn accept(listener: &OwnedFd) -> Option<Connection> {
    // SAFETY: plain system calls; the credentials are written to a live structure of the size given.
    unsafe {
        let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        let socket = libc::accept4(listener.as_raw_fd(), std::ptr::null_mut(), std::ptr::null_mut(), flags);
        if socket < 0 {
            return None;
        }
        let socket = OwnedFd::from_raw_fd(socket);
        let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut size = std::mem::size_of_val(&peer) as libc::socklen_t;
        let pointer = std::ptr::addr_of_mut!(peer).cast();
        let known =
            libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_PEERCRED, pointer, &mut size);
        if known < 0 || (peer.uid != 0 && peer.uid != libc::geteuid()) {
            return None;
        }
        Some(Connection { socket, peer: peer.pid, bytes: Vec::new(), descriptors: Vec::new() })
    }
}

impl Connection {
    /// Reads what has come.
    pub fn read(&mut self) -> Progress {
        loop {
            match spawn::receive(&self.socket, 65536, libc::MSG_DONTWAIT) {
                Ok(message) if message.bytes.is_empty() => return Progress::Gone,
                Ok(message) => {
                    self.bytes.extend_from_slice(&message.bytes);
                    self.descriptors.extend(message.descriptors);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Progress::Gone,
            }
            if self.bytes.len() > MOST_BYTES {
                return Progress::Refused("the request is too long");
            }
        }
        let text = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let wire: Wire = match serde_json::from_slice(text) {
            Ok(wire) => wire,
            Err(error) if error.is_eof() && text.len() == self.bytes.len() => return Progress::Waiting,
            Err(_) => return Progress::Refused("the request is not understood"),
        };
        self.request(wire)
    }

    fn request(&mut self, wire: Wire) -> Progress {
        if wire.request == "adopt" {
            let listener = self.descriptors.pop();
            return listener.map_or(Progress::Refused("no listener came with the request"), |listener| {
                let Wire { image, no_new_privileges, .. } = wire;
                Progress::Adopt(AdoptRequest { image, no_new_privileges, listener, peer: self.peer })
            });
        }
        if wire.request != "record" {
            return Progress::Refused("the request is not known");
        }
        if self.descriptors.is_empty() {
            return Progress::Refused("no report descriptor came with the request");
        }
        let mut descriptors = std::mem::take(&mut self.descriptors).into_iter();
        let Some(report) = descriptors.next() else { return Progress::Gone };
        let decode = |text: &String| STANDARD.decode(text).unwrap_or_default();
        let arguments = match &wire.argv_bytes {
            Some(list) => list.iter().map(decode).collect(),
            None => wire.argv.into_iter().map(String::into_bytes).collect(),
        };
        Progress::Record(Box::new(RecordRequest {
            process: wire.pid,
            uid: wire.uid,
            arguments,
            directory: wire
                .cwd_bytes
                .as_ref()
                .map(decode)
                .or(wire.cwd.map(String::into_bytes))
                .unwrap_or_default(),
            wait: if wire.wait.as_deref() == Some("all") { WaitFor::All } else { WaitFor::Command },
            preserve_limit: wire.preserve_limit,
            keep: wire.keep,
            report: File::from(report),
            lock: descriptors.next(),
            peer: self.peer,
        }))
    }
}

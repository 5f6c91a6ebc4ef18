//! The tracer's side of the control channel: one JSON object a line.

use serde_json::{json, Value};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Sends events to the front. One that has gone, or does not read, costs nothing.
pub struct Control {
    socket: Option<OwnedFd>,
}

impl Control {
    pub fn new(socket: OwnedFd) -> Control {
        Control { socket: Some(socket) }
    }

    pub fn descriptor(&self) -> Option<RawFd> {
        self.socket.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// `told` is called as soon as the front has been told: a tracer that is killed in between leaves a job that only
    /// one of the two knows of.
    pub fn started(&self, process: i32, told: impl FnOnce()) {
        self.send_then(&json!({"event": "started", "pid": process}), told);
    }

    pub fn exec_failed(&self, errno: i32, path: &[u8]) {
        self.send(&json!({"event": "exec_failed", "errno": errno, "path": String::from_utf8_lossy(path)}));
    }

    pub fn failed(&self, reason: &str, hint: Option<&str>) {
        self.send(&json!({"event": "failed", "reason": reason, "hint": hint}));
    }

    pub fn signal(&self, signal: i32, sender: i32) {
        self.send(&json!({"event": "signal", "signal": signal, "sender": sender}));
    }

    pub fn warning(&self, text: &str) {
        self.send(&json!({"event": "warning", "text": text}));
    }

    pub fn ended(&self, process: i32) {
        self.send(&json!({"event": "ended", "pid": process}));
    }

    /// `tracer`: the name to record; `parent`: what the outer run is called, if anything.
    pub fn ready(&self, tracer: &str, parent: Option<&str>) {
        self.send(&json!({"event": "ready", "tracer": tracer, "parent": parent}));
    }

    pub fn closed(&self) {
        self.send(&json!({"event": "closed"}));
    }

    fn send(&self, event: &Value) {
        self.send_then(event, || {});
    }

    fn send_then(&self, event: &Value, sent: impl FnOnce()) {
        let Some(socket) = &self.socket else { return sent() };
        let line = format!("{event}\n");
        let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
        // SAFETY: the buffer is alive for the call. A lost event is no reason to fail: the front may be gone.
        unsafe { libc::send(socket.as_raw_fd(), line.as_ptr().cast(), line.len(), flags) };
        // Before anything else: even giving the line's memory back may be a system call.
        sent();
    }

    /// Whether the peer has gone; call when the socket is readable.
    pub fn is_lost(&self) -> bool {
        let Some(socket) = &self.socket else { return false };
        let mut buffer = [0u8; 256];
        // SAFETY: the kernel writes at most the length it is given.
        let count = unsafe {
            libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT)
        };
        let error = std::io::Error::last_os_error();
        count == 0
            || (count < 0
                && !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted))
    }

    /// Hangs up.
    pub fn close(&mut self) {
        self.socket = None;
    }
}

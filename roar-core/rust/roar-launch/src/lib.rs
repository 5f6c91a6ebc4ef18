//! How a roar tracer starts a command and stands in its place: arguments, descriptors, signals, exit status,
//! the control channel to the front, and the socket that lets a run inside a run be recorded.
//!
//! Written for Linux; what macOS has in another way is in a file of its own, and what it can't have is left out there.

pub mod arguments;
pub mod command;
pub mod control;
pub mod descriptors;
pub mod front;
#[cfg(target_os = "macos")]
pub mod kqueue;
#[cfg(not(target_os = "macos"))]
pub mod nested;
pub mod outcome;
pub mod probe;
pub mod report_file;
pub mod signals;
#[cfg(not(target_os = "macos"))]
pub mod spawn;
pub mod wait;

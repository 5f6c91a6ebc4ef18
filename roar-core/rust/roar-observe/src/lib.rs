//! What every roar tracer does once it knows what happens: it follows the job's processes, records what their calls
//! mean for files, serves runs inside the run, and writes the reports.
//!
//! A tracer program is a [`backend::Backend`]: a way to start a command so that it is observed. Calls that a seccomp
//! filter catches are served here; what is learnt in another way comes through a [`backend::Source`].
//!
//! For macOS the files in `macos/` take the place of those that rest on what Linux alone has: filters, /proc, pidfds, a
//! child that is made for another process.

pub mod closing;
mod credentials;
mod ending;
mod execs;
pub mod fingerprint;
pub mod folder;
mod inherit;
pub mod job;
mod names;
pub mod program;
pub mod tree;

#[cfg(not(target_os = "macos"))]
pub mod apart;
#[cfg(not(target_os = "macos"))]
mod caller;
#[cfg(not(target_os = "macos"))]
mod calls;
#[cfg(not(target_os = "macos"))]
mod epoll;
#[cfg(not(target_os = "macos"))]
pub mod executable;
#[cfg(not(target_os = "macos"))]
pub mod filter;
#[cfg(not(target_os = "macos"))]
pub mod filtered;
#[cfg(not(target_os = "macos"))]
pub mod guardian;
#[cfg(not(target_os = "macos"))]
mod handle;
#[cfg(not(target_os = "macos"))]
pub mod held;
#[cfg(not(target_os = "macos"))]
mod images;
#[cfg(not(target_os = "macos"))]
mod inner;
#[cfg(not(target_os = "macos"))]
pub mod launch;
#[cfg(not(target_os = "macos"))]
pub mod listener;
#[cfg(not(target_os = "macos"))]
mod memory;
#[cfg(not(target_os = "macos"))]
pub mod mode;
#[cfg(not(target_os = "macos"))]
pub mod probe;
#[cfg(not(target_os = "macos"))]
pub mod procfs;
#[cfg(not(target_os = "macos"))]
mod silent;
#[cfg(not(target_os = "macos"))]
pub mod stops;
#[cfg(not(target_os = "macos"))]
pub mod timer;

#[cfg_attr(target_os = "macos", path = "macos/backend.rs")]
pub mod backend;
#[cfg_attr(target_os = "macos", path = "macos/deaths.rs")]
mod deaths;
#[cfg(target_os = "macos")]
#[path = "macos/held.rs"]
mod held;
#[cfg_attr(target_os = "macos", path = "macos/service.rs")]
mod service;
#[cfg_attr(target_os = "macos", path = "macos/session.rs")]
mod session;
#[cfg_attr(target_os = "macos", path = "macos/starting.rs")]
mod starting;
#[cfg_attr(target_os = "macos", path = "macos/tracer.rs")]
pub mod tracer;

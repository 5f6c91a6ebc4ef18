//! What every roar tracer does once it knows what happens: it follows the job's processes, records what their calls
//! mean for files, serves runs inside the run, and writes the reports.
//!
//! A tracer program is a [`backend::Backend`]: a way to start a command so that it is observed. Calls that a seccomp
//! filter catches are served here; what is learnt in another way comes through a [`backend::Source`].

pub mod apart;
pub mod backend;
mod caller;
mod calls;
mod closing;
mod deaths;
mod epoll;
pub mod executable;
pub mod filter;
pub mod filtered;
pub mod folder;
pub mod guardian;
mod handle;
pub mod held;
mod images;
mod inherit;
mod inner;
pub mod job;
pub mod launch;
pub mod listener;
mod memory;
pub mod mode;
pub mod probe;
pub mod procfs;
pub mod program;
mod service;
mod session;
mod silent;
pub mod stops;
pub mod timer;
pub mod tracer;
pub mod tree;

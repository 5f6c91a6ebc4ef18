//! What every roar tracer shares: where a path leads, what an event means for a file, how the report is written.
//!
//! A tracer turns its source of events into calls of [`fold::Recording`]; everything that decides what counts as
//! read or written lives here, so that all tracers answer alike.

pub mod digest;
pub mod fold;
pub mod identity;
mod ordered;
pub mod path;
pub mod process;
pub mod processors;
pub mod report;
pub mod sys;

pub use fold::Recording;
pub use identity::{Identity, Status};
pub use path::directories::{Directories, DirectoryId};

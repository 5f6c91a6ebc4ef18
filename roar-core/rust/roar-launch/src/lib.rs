//! How a roar tracer starts a command and stands in its place: arguments, descriptors, signals, exit status,
//! the control channel to the front, and the socket that lets a run inside a run be recorded.

pub mod arguments;
pub mod command;
pub mod control;
pub mod descriptors;
pub mod front;
pub mod nested;
pub mod outcome;
pub mod probe;
pub mod report_file;
pub mod signals;
pub mod spawn;
pub mod wait;

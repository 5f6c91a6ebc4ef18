//! Writing a roar-trace/1 report: newline-delimited JSON.

pub mod after;
mod files;
pub mod json;
pub mod lines;
mod writer;

pub use writer::{End, Header, Report};

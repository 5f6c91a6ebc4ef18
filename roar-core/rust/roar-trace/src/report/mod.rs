//! Writing a roar-trace/1 report: newline-delimited JSON.

pub mod after;
pub mod json;
pub mod lines;
mod writer;

pub use writer::{End, Header, Report};

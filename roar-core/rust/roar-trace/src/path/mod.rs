//! Where a path leads: its canonical directory and last name, as the calling process sees it.

pub mod cache;
pub mod climb;
pub mod directories;
pub mod place;
pub mod resolver;
pub mod text;
pub mod walk;

pub use place::{Origin, Place, Root, Target};
pub use resolver::Resolver;

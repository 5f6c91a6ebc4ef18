//! What an event means for a file: the rules of what counts as read and written.

pub mod close;
mod ids;
mod open;
mod record;
mod recording;
mod remove;
mod rename;
mod table;

pub use close::{After, Fate, Verdict, WriteKind, Written};
pub use ids::IdSet;
pub use open::Opening;
pub use record::{Content, FileRecord, Reading, Writing};
pub use recording::{Actor, At, Recording};

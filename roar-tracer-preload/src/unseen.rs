//! What is said of a program that nothing could be loaded into.

/// A gap, and what the user is warned of.
pub struct Unseen {
    pub kind: &'static str,
    pub detail: String,
    pub warning: Option<String>,
}

/// Why nothing was loaded into a program. `files`: itself, its interpreters, its loader.
pub fn explain(name: &str, _files: &[Vec<u8>]) -> Unseen {
    Unseen { kind: "static", detail: format!("nothing can be loaded into `{name}`"), warning: None }
}

//! What a process may do.

/// The credentials that file permissions depend on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Credentials {
    pub user: u32,
    pub group: u32,
    pub groups: Vec<u32>,
    pub capabilities: u64,
}

const DAC_OVERRIDE: u64 = 1 << 1;
const DAC_READ_SEARCH: u64 = 1 << 2;

impl Credentials {
    /// Whether file permissions do not bind it.
    pub fn is_powerful(&self) -> bool {
        let needed = DAC_OVERRIDE | DAC_READ_SEARCH;
        self.user == 0 && self.capabilities & needed == needed
    }
}

//! One program image of the job's tree, as the report shows it.

/// An exec makes a new one; a fork alone does not: its accesses count for the image it still runs.
#[derive(Clone, Debug)]
pub struct Process {
    pub id: u32,
    pub parent: Option<u32>,
    pub pid: i32,
    /// The path given to exec, made absolute, links kept.
    pub executable: Vec<u8>,
    pub arguments: Vec<Vec<u8>>,
    pub directory: Vec<u8>,
    pub started_ns: u64,
    pub ended_ns: Option<u64>,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
}

/// Something this tracer could not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub kind: &'static str,
    pub process: Option<u32>,
    pub detail: String,
}

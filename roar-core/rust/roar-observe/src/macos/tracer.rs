//! The tracer's state.

use crate::deaths::Deaths;
use crate::job::Job;
use crate::program::Program;
use crate::tree::{JobId, Process, Tree};
use roar_trace::path::Resolver;
use std::io;

pub struct Tracer {
    pub program: Program,
    pub resolver: Resolver,
    pub tree: Tree,
    pub jobs: Vec<Job>,
    pub deaths: Deaths,
    pub ignore: Vec<Vec<u8>>,
    /// Now, in milliseconds of a coarse clock that never goes back; set once for each event.
    pub now_ms: u64,
}

impl Tracer {
    /// Makes a process the root of a job.
    pub fn adopt_root(&mut self, pid: i32, job: JobId) -> io::Result<()> {
        let mut process = Process::new(pid, None, job);
        if !self.deaths.follow(&mut process) {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        self.tree.insert(process);
        Ok(())
    }
}

//! The report as a whole: header, processes, files, gaps, jobs, end.

use super::json::Object;
use super::{files, lines};
use crate::fold::Recording;
use crate::path::directories::Directories;
use crate::process::Gap;
use std::io::{self, Write};

const FLUSH_AT: usize = 1 << 18;

pub struct Header<'a> {
    pub tracer: &'a str,
    pub version: &'a str,
    pub arguments: &'a [Vec<u8>],
    pub directory: &'a [u8],
    pub started_ns: u64,
}

/// What the `end` line says beyond what the recording knows.
#[derive(Clone, Copy, Debug)]
pub struct End {
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    pub ended_ns: u64,
    pub front_lost: bool,
    /// What the tracer sees where there are no gaps.
    pub level: &'static str,
}

impl Default for End {
    fn default() -> End {
        End { exit_code: None, signal: None, ended_ns: 0, front_lost: false, level: "kernel" }
    }
}

/// A report that is being written.
pub struct Report<W: Write> {
    output: W,
    buffer: Vec<u8>,
}

impl<W: Write> Report<W> {
    pub fn start(mut output: W, header: &Header) -> io::Result<Report<W>> {
        let mut buffer = Vec::with_capacity(1024);
        Object::new(&mut buffer)
            .text("type", "header")
            .text("format", "roar-trace/1")
            .text("tracer", header.tracer)
            .text("version", header.version)
            .byte_list("argv", header.arguments)
            .bytes("cwd", header.directory)
            .number("started_ns", header.started_ns)
            .finish();
        buffer.push(b'\n');
        output.write_all(&buffer)?;
        buffer.clear();
        Ok(Report { output, buffer })
    }

    /// A run inside this run, whose processes are in a report of their own.
    pub fn job(&mut self, process: Option<u32>, uid: &str) -> io::Result<()> {
        Object::new(&mut self.buffer)
            .text("type", "job")
            .optional_number("process", process.map(u64::from))
            .text("uid", uid)
            .finish();
        self.buffer.push(b'\n');
        self.flush()
    }

    /// Writes all that the recording holds, and the `end` line.
    pub fn close(mut self, recording: &Recording, directories: &Directories, end: &End) -> io::Result<()> {
        for process in &recording.processes {
            lines::process(&mut self.buffer, process);
            self.flush_if_long()?;
        }
        self.flush()?;
        let write = |text: &[u8]| self.output.write_all(text);
        let files::Count { files, not_held } = files::write_each(recording, directories, write)?;
        for gap in &recording.gaps {
            lines::gap(&mut self.buffer, gap);
        }
        if not_held > 0 {
            let detail = format!(
                "{not_held} files that were read were changed or removed before they could be digested"
            );
            lines::gap(&mut self.buffer, &Gap { kind: "not_held", process: None, detail });
        }
        let complete = recording.gaps.is_empty() && not_held == 0 && recording.lost_events == 0;
        let mut line = Object::new(&mut self.buffer);
        line.text("type", "end")
            .text("level", if complete { end.level } else { "partial" })
            .number("processes", recording.processes.len() as u64)
            .number("files", files)
            .number("lost_events", recording.lost_events)
            .number("ignored", recording.ignored)
            .signed("exit_code", end.exit_code.map(i64::from))
            .signed("signal", end.signal.map(i64::from))
            .number("ended_ns", end.ended_ns);
        if end.front_lost {
            line.boolean("front_lost", true);
        }
        line.finish();
        self.buffer.push(b'\n');
        self.flush()
    }

    fn flush_if_long(&mut self) -> io::Result<()> {
        if self.buffer.len() >= FLUSH_AT {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.write_all(&self.buffer)?;
        self.buffer.clear();
        self.output.flush()
    }
}

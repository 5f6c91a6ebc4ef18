//! The kernel's description of its types (BTF), cut down to those that the BPF programs look into.
//!
//! A kernel describes 100,000 types and more. Taking all of them in costs more than everything else that is done before
//! the command starts, so they are passed over in place, and a few hundred are copied.

mod cut;
mod table;

use aya::{Btf, BtfError, Endianness};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;

/// Where the kernel shows it.
pub const PATH: &str = "/sys/kernel/btf/vmlinux";

/// The structures of bpf/kernel.h, without what follows `___`.
const LOOKED_INTO: [&[u8]; 28] = [
    b"dentry",
    b"fdtable",
    b"file",
    b"filename",
    b"files_struct",
    b"fs_struct",
    b"inode",
    b"io_cqe",
    b"io_kiocb",
    b"io_link",
    b"io_open",
    b"io_rename",
    b"io_unlink",
    b"linux_binprm",
    b"mm_struct",
    b"mount",
    b"open_how",
    b"path",
    b"pid",
    b"pt_regs",
    b"qstr",
    b"signal_struct",
    b"super_block",
    b"task_struct",
    b"thread_info",
    b"timespec64",
    b"upid",
    b"vfsmount",
];

/// What loading the programs takes.
pub struct KernelTypes {
    /// The structures that the programs look into.
    pub structures: Btf,
    /// Knows the tracepoint that a program is attached to by its type.
    pub tracepoint: Btf,
}

/// The types that loading takes; all of the kernel's where they can't be found in the layout that is known.
pub fn read(tracepoint: &str) -> Result<KernelTypes, BtfError> {
    let name = format!("btf_trace_{tracepoint}");
    let whole = described().ok();
    if let Some(cut) = whole.and_then(|whole| cut::cut_down(whole.bytes(), &LOOKED_INTO, name.as_bytes())) {
        let parse = |types: &[u8]| Btf::parse(types, Endianness::default());
        if let (Ok(structures), Ok(tracepoint)) = (parse(&cut.structures), parse(&cut.type_name)) {
            return Ok(KernelTypes { structures, tracepoint });
        }
    }
    let all = Btf::from_sys_fs()?;
    Ok(KernelTypes { structures: all.clone(), tracepoint: all })
}

enum Described {
    Mapped { start: *mut libc::c_void, size: usize },
    Read(Vec<u8>),
}

/// All that the kernel says of its types: mapped (from Linux 6.16 on) or read.
fn described() -> io::Result<Described> {
    let mut file = File::open(PATH)?;
    let size = file.metadata()?.len() as usize;
    // SAFETY: a new mapping of the kernel's own memory, which does not change.
    let start = unsafe {
        libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0)
    };
    if start != libc::MAP_FAILED {
        return Ok(Described::Mapped { start, size });
    }
    let mut bytes = Vec::with_capacity(size + 1);
    file.read_to_end(&mut bytes)?;
    Ok(Described::Read(bytes))
}

impl Described {
    fn bytes(&self) -> &[u8] {
        match self {
            // SAFETY: mapped for reading at this size as long as this lives.
            Described::Mapped { start, size } => unsafe {
                std::slice::from_raw_parts(start.cast::<u8>(), *size)
            },
            Described::Read(bytes) => bytes,
        }
    }
}

impl Drop for Described {
    fn drop(&mut self) {
        if let Described::Mapped { start, size } = self {
            // SAFETY: a mapping of ours, which nothing refers to any more.
            unsafe { libc::munmap(*start, *size) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_every_structure_of_the_programs_is_looked_for() {
        let header = include_str!("../../bpf/kernel.h");
        let names = header.lines().filter_map(|line| line.strip_prefix("struct ")?.strip_suffix(" {"));
        for name in names {
            let plain = name.split("___").next().unwrap();
            assert!(LOOKED_INTO.contains(&plain.as_bytes()), "{name}");
        }
    }
}

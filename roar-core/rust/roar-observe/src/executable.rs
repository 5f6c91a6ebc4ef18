//! What the kernel will do with a file that is to be run.

use hashbrown::HashMap;
use roar_trace::Identity;
use std::io::Read;
use std::os::fd::RawFd;

/// How a file runs, by its first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// ELF, with the loader that it names.
    Program {
        loader: Option<Vec<u8>>,
    },
    /// `#!`: the interpreter.
    Script {
        interpreter: Vec<u8>,
    },
    Unknown,
}

/// The interpreter line is looked for in this many bytes (BINPRM_BUF_SIZE).
const SCRIPT_HEAD: usize = 256;
const HEAD: usize = 4096;
const PT_INTERP: u32 = 3;

/// The formats of programs that have been run before.
#[derive(Default)]
pub struct Formats {
    known: HashMap<(u64, u64), (Identity, Format)>,
}

impl Formats {
    /// The format of a file; `None` if it can't be read.
    pub fn of(&mut self, directory: RawFd, name: &[u8], identity: Identity) -> Option<Format> {
        const MOST_KNOWN: usize = 4096;
        let key = (identity.device, identity.inode);
        if let Some((_, format)) = self.known.get(&key).filter(|(seen, _)| *seen == identity) {
            return Some(format.clone());
        }
        let format = read_format(&mut roar_trace::digest::open(directory, name).ok()?);
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(key, (identity, format.clone()));
        Some(format)
    }
}

fn read_format(file: &mut std::fs::File) -> Format {
    let mut head = [0u8; HEAD];
    let length = file.read(&mut head).unwrap_or(0);
    parse(&head[..length])
}

fn parse(head: &[u8]) -> Format {
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = &line[..line.len().min(SCRIPT_HEAD - 2)];
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or(line);
        let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
        let interpreter = line.split(is_blank).find(|word| !word.is_empty());
        return interpreter.map_or(Format::Unknown, |word| Format::Script { interpreter: word.to_vec() });
    }
    if head.starts_with(b"\x7fELF") {
        return Format::Program { loader: loader(head) };
    }
    Format::Unknown
}

/// The PT_INTERP of an ELF file, if its headers lie in the first page, as linkers put them.
fn loader(head: &[u8]) -> Option<Vec<u8>> {
    let wide = *head.get(4)? == 2;
    let number = |at: usize, size: usize| -> Option<usize> {
        let mut bytes = [0u8; 8];
        bytes[..size].copy_from_slice(head.get(at..at + size)?);
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    };
    let (table, size, count) = if wide {
        (number(32, 8)?, number(54, 2)?, number(56, 2)?)
    } else {
        (number(28, 4)?, number(42, 2)?, number(44, 2)?)
    };
    (0..count).find_map(|index| {
        let entry = table.checked_add(index * size)?;
        if number(entry, 4)? != PT_INTERP as usize {
            return None;
        }
        let (start, length) = if wide {
            (number(entry + 8, 8)?, number(entry + 32, 8)?)
        } else {
            (number(entry + 4, 4)?, number(entry + 16, 4)?)
        };
        let text = head.get(start..start.checked_add(length)?)?;
        Some(text.split(|&byte| byte == 0).next()?.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_script_names_its_interpreter() {
        let interpreter = |head: &[u8]| match parse(head) {
            Format::Script { interpreter } => interpreter,
            other => panic!("{other:?}"),
        };
        assert_eq!(interpreter(b"#!/bin/sh\necho"), b"/bin/sh");
        assert_eq!(interpreter(b"#! /usr/bin/env python3 -u\n"), b"/usr/bin/env");
        assert_eq!(parse(b"#!\n"), Format::Unknown);
        assert_eq!(parse(b"echo x\n"), Format::Unknown);
    }

    #[test]
    fn test_own_program_is_recognised() {
        let mut file = std::fs::File::open("/proc/self/exe").unwrap();
        assert!(matches!(read_format(&mut file), Format::Program { .. }));
    }
}

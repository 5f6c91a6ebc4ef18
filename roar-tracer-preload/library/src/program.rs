//! What kind of program a file is, as far as it matters to who is loaded into it.

use crate::arch::{LOADER, MACHINE};
use crate::sys::{self, Status};

/// How a program can be observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is run by the loader of this library's own C library.
    Loadable,
    /// Static, of another C library or word size, or one that makes system calls by itself (Go).
    Opaque,
    /// `#!`: an interpreter runs it.
    Script,
    /// Not a program that the kernel knows by itself.
    Unknown,
}

/// What the head of a file says.
pub struct Format {
    pub class: Class,
    /// The interpreter of a script, or the loader of a program; a NUL ends it.
    pub next: [u8; MOST_NEXT],
}

pub const MOST_NEXT: usize = 256;
/// What programs of macOS begin with: for one processor, or for several.
const MACH_O: [u64; 2] = [0xfeed_facf, 0xbeba_feca];
const HEAD: usize = 1024;
const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_NOTE: u32 = 4;
const MOST_SEGMENTS: usize = 64;

/// Reads what an open file is. `name` is the one it was opened by: a loader that is run itself has none to name.
pub fn format_of(descriptor: i32, name: &[u8]) -> Format {
    let mut head = [0u8; HEAD];
    let length = sys::read_at(descriptor, &mut head, 0);
    let head = head.get(..length).unwrap_or(&[]);
    let mut format = Format { class: Class::Unknown, next: [0; MOST_NEXT] };
    if head.starts_with(b"#!") {
        if read_interpreter(head, &mut format.next) {
            format.class = Class::Script;
        }
    } else if cfg!(target_os = "macos") && MACH_O.contains(&crate::hash::word(head.get(..4).unwrap_or(&[]))) {
        format.class = if is_protected(descriptor) { Class::Opaque } else { Class::Loadable };
    } else if head.starts_with(b"\x7fELF") {
        format.class = elf_class(descriptor, head, crate::text::name(name), &mut format.next);
    }
    format
}

/// Whether macOS keeps libraries out of an open program.
fn is_protected(descriptor: i32) -> bool {
    let mut path = [0u8; crate::text::MOST_PATH];
    sys::descriptor_path(descriptor, &mut path).is_ok_and(crate::protection::is_protected)
}

/// The first word after `#!`.
fn read_interpreter(head: &[u8], next: &mut [u8; MOST_NEXT]) -> bool {
    let line = head.get(2..head.len().min(MOST_NEXT)).unwrap_or(&[]);
    let line = line.split(|&byte| byte == b'\n').next().unwrap_or(&[]);
    let mut words = line.split(|&byte| byte == b' ' || byte == b'\t');
    let word = words.find(|word| !word.is_empty()).unwrap_or(&[]);
    crate::text::put(next, 0, word);
    !word.is_empty()
}

fn elf_class(descriptor: i32, head: &[u8], name: &[u8], next: &mut [u8; MOST_NEXT]) -> Class {
    let half = |at: usize| head.get(at..at + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    if head.get(4) != Some(&2) || half(18) != Some(MACHINE) {
        return Class::Opaque;
    }
    let (table, size, count) = (wide(head, 32), half(54), half(56));
    let (Some(table), Some(size), Some(count)) = (table, size, count) else { return Class::Opaque };
    let mut has_loader = false;
    let mut dynamic = None;
    let mut first_load = 0;
    let mut is_go = false;
    for index in 0..usize::from(count).min(MOST_SEGMENTS) {
        let mut buffer = [0u8; 56];
        let at = table.wrapping_add((index * usize::from(size)) as u64);
        if !read_whole(descriptor, head, at, &mut buffer) {
            break;
        }
        let kind = u32::from_le_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]);
        let (Some(place), Some(length)) = (wide(&buffer, 8), wide(&buffer, 32)) else { break };
        if kind == PT_INTERP && length > 1 && length < MOST_NEXT as u64 {
            let end = (length as usize).min(MOST_NEXT - 1);
            has_loader = next.get_mut(..end).is_some_and(|next| read_whole(descriptor, head, place, next));
        } else if kind == PT_DYNAMIC {
            dynamic = Some((place, length));
        } else if kind == PT_LOAD && place == 0 {
            first_load = wide(&buffer, 16).unwrap_or(0);
        } else if kind == PT_NOTE {
            let mut note = [0u8; 16];
            // Length of the owner's name, length of the text, type 4 (build id), the name.
            is_go |= read_whole(descriptor, head, place, &mut note)
                && note[0] == 4
                && note[8] == 4
                && note.get(12..15) == Some(b"Go\0");
        }
    }
    let loader = next.split(|&byte| byte == 0).next().unwrap_or(&[]);
    let known = if has_loader { crate::text::name(loader) == LOADER } else { name == LOADER };
    let must_be_first =
        dynamic.is_some_and(|(place, length)| needs_to_be_first(descriptor, place, length, first_load));
    if known && !is_go && !must_be_first {
        Class::Loadable
    } else {
        Class::Opaque
    }
}

/// Whether a program's first library is a sanitizer's, which refuses to be loaded after another one.
fn needs_to_be_first(descriptor: i32, place: u64, length: u64, first_load: u64) -> bool {
    const DT_NEEDED: u64 = 1;
    const DT_STRTAB: u64 = 5;
    let mut entries = [0u8; 1024];
    let count =
        sys::read_at(descriptor, entries.get_mut(..length.min(1024) as usize).unwrap_or(&mut []), place);
    let entries = entries.get(..count).unwrap_or(&[]);
    let find = |wanted: u64| {
        let mut pairs = entries.chunks_exact(16).map(|pair| (wide(pair, 0), wide(pair, 8)));
        pairs.find(|pair| pair.0 == Some(wanted)).and_then(|pair| pair.1)
    };
    let (Some(needed), Some(strings)) = (find(DT_NEEDED), find(DT_STRTAB)) else { return false };
    let mut name = [0u8; 16];
    // The names lie in the first segment, which begins with the file.
    sys::read_at(descriptor, &mut name, strings.wrapping_sub(first_load).wrapping_add(needed));
    let sanitizers: [&[u8]; 5] = [b"libasan.", b"libtsan.", b"liblsan.", b"libhwasan.", b"libclang_rt."];
    sanitizers.iter().any(|sanitizer| name.starts_with(sanitizer))
}

/// Fills the buffer from the head, or from the file where it does not reach.
fn read_whole(descriptor: i32, head: &[u8], place: u64, buffer: &mut [u8]) -> bool {
    let known = usize::try_from(place).ok().and_then(|at| head.get(at..at.checked_add(buffer.len())?));
    match known {
        Some(bytes) => {
            buffer.copy_from_slice(bytes);
            true
        }
        None => sys::read_at(descriptor, buffer, place) == buffer.len(),
    }
}

fn wide(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 8)?;
    Some(crate::hash::word(bytes))
}

/// Whether running it changes who the process is, so that nothing is loaded into it.
pub fn changes_identity(status: &Status) -> bool {
    const SET_USER: u32 = 0o4000;
    const SET_GROUP: u32 = 0o2010;
    if status.mode & SET_USER == 0 && status.mode & SET_GROUP != SET_GROUP {
        return false;
    }
    let (user, group, real_user) = sys::identities();
    (status.mode & SET_USER != 0 && (status.user != user || status.user != real_user))
        || (status.mode & SET_GROUP == SET_GROUP && status.group != group)
}

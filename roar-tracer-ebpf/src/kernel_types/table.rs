//! The layout of BTF: Documentation/bpf/btf.rst of the kernel.

use std::ops::Range;

pub const MAGIC: u16 = 0xeb9f;
/// Bytes of the header that stands before the types.
pub const HEADER: usize = 24;
/// Bytes that every type has: its name, kind, and size or type.
pub const HEAD: usize = 12;
/// Bytes of a member of a structure: its name, type and offset.
pub const MEMBER: usize = 12;

pub mod kind {
    pub const INTEGER: u32 = 1;
    pub const POINTER: u32 = 2;
    pub const ARRAY: u32 = 3;
    pub const STRUCTURE: u32 = 4;
    pub const UNION: u32 = 5;
    pub const ENUM: u32 = 6;
    pub const FORWARD: u32 = 7;
    pub const TYPE_NAME: u32 = 8;
    pub const VOLATILE: u32 = 9;
    pub const CONSTANT: u32 = 10;
    pub const RESTRICT: u32 = 11;
    pub const FUNCTION: u32 = 12;
    pub const PROTOTYPE: u32 = 13;
    pub const VARIABLE: u32 = 14;
    pub const SECTION: u32 = 15;
    pub const FLOAT: u32 = 16;
    pub const DECLARATION_TAG: u32 = 17;
    pub const TYPE_TAG: u32 = 18;
    pub const LARGE_ENUM: u32 = 19;
}

/// A word of the processor's own byte order.
pub fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// What the second word of a type says.
#[derive(Clone, Copy)]
pub struct Info(pub u32);

impl Info {
    pub fn kind(self) -> u32 {
        self.0 >> 24 & 31
    }

    /// How many members, values or parameters follow.
    pub fn count(self) -> usize {
        (self.0 & 0xffff) as usize
    }

    /// The same without any of them.
    pub fn alone(self) -> Info {
        Info(self.0 & !0xffff)
    }

    /// Bytes that follow the head; `None` for a kind that is not known.
    pub fn following(self) -> Option<usize> {
        Some(match self.kind() {
            kind::INTEGER | kind::VARIABLE | kind::DECLARATION_TAG => 4,
            kind::ARRAY => 12,
            kind::STRUCTURE | kind::UNION | kind::SECTION | kind::LARGE_ENUM => 12 * self.count(),
            kind::ENUM | kind::PROTOTYPE => 8 * self.count(),
            kind::POINTER | kind::FORWARD | kind::FUNCTION | kind::FLOAT => 0,
            kind::TYPE_NAME | kind::VOLATILE | kind::CONSTANT | kind::RESTRICT | kind::TYPE_TAG => 0,
            _ => return None,
        })
    }
}

/// Where types and strings lie.
pub struct Sections {
    pub types: Range<usize>,
    pub strings: Range<usize>,
}

pub fn sections(whole: &[u8]) -> Option<Sections> {
    if whole.get(..2)? != MAGIC.to_ne_bytes() {
        return None;
    }
    let header = word(whole, 4)? as usize;
    let section = |offset: usize, length: usize| -> Option<Range<usize>> {
        let start = header.checked_add(word(whole, offset)? as usize)?;
        let end = start.checked_add(word(whole, length)? as usize)?;
        (end <= whole.len()).then_some(start..end)
    };
    Some(Sections { types: section(8, 12)?, strings: section(16, 20)? })
}

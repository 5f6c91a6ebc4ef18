//! The system calls that are caught, and what each number means on each architecture.

/// A caught call; calls that are treated alike share a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // newer architectures lack the oldest calls
pub enum Call {
    Open,
    OpenAt,
    OpenAt2,
    Creat,
    OpenByHandle,
    Truncate,
    Rename,
    RenameAt,
    RenameAt2,
    Link,
    LinkAt,
    Unlink,
    UnlinkAt,
    RemoveDirectory,
    /// chdir, fchdir: the working directory changes.
    ChangeDirectory,
    /// chroot, pivot_root, unshare, setns: what names mean to the caller changes.
    ChangeView,
    /// mount and its like: what names mean to everybody changes.
    Mount,
    Exec,
    ExecAt,
    MapShared,
    IoUring,
    Ptrace,
    Seccomp,
    /// prctl(PR_SET_SECCOMP): the older form.
    SeccompByPrctl,
    /// setuid and its like: permissions change.
    ChangeIdentity,
}

/// One architecture's calling convention, as seccomp names it.
pub struct Architecture {
    pub audit: u32,
    /// Bytes of a pointer.
    pub pointer: usize,
    /// The bit that marks x32 calls.
    pub mask: u32,
    pub calls: &'static [(u32, Call)],
    pub mmap: u32,
    pub prctl: u32,
}

pub const PR_SET_SECCOMP: u32 = 22;

/// Flags of an open that reads and writes no file that has a name. (O_TMPFILE contains O_DIRECTORY.)
pub const WITHOUT_CONTENT: i32 = libc::O_PATH | libc::O_DIRECTORY;

/// The architecture's meaning of a call number.
pub fn decode(audit: u32, number: u32) -> Option<(Call, &'static Architecture)> {
    let architecture = ARCHITECTURES.iter().find(|architecture| architecture.audit == audit)?;
    let number = number & !architecture.mask;
    let call = match number {
        _ if number == architecture.mmap => Call::MapShared,
        _ if number == architecture.prctl => Call::SeccompByPrctl,
        _ => architecture.calls.iter().find(|(other, _)| *other == number)?.1,
    };
    Some((call, architecture))
}

#[cfg(target_arch = "x86_64")]
pub const ARCHITECTURES: &[Architecture] = &[
    Architecture { audit: 0xc000_003e, pointer: 8, mask: 0x4000_0000, calls: X86_64, mmap: 9, prctl: 157 },
    Architecture { audit: 0x4000_0003, pointer: 4, mask: 0, calls: I386, mmap: 192, prctl: 172 },
];

#[cfg(target_arch = "aarch64")]
pub const ARCHITECTURES: &[Architecture] = &[
    Architecture { audit: 0xc000_00b7, pointer: 8, mask: 0, calls: AARCH64, mmap: 222, prctl: 167 },
    Architecture { audit: 0x4000_0028, pointer: 4, mask: 0, calls: ARM, mmap: 192, prctl: 172 },
];

/// 32-bit truncate64, and where it has the two words of its length.
pub const TRUNCATE64: i32 = 193;
#[cfg(target_arch = "x86_64")]
pub const LENGTH_WORDS: std::ops::Range<usize> = 1..3;
#[cfg(target_arch = "aarch64")]
pub const LENGTH_WORDS: std::ops::Range<usize> = 2..4;

/// From the kernel's syscall_64.tbl; 520 and above are x32's own.
#[cfg(target_arch = "x86_64")]
const X86_64: &[(u32, Call)] = &[
    (257, Call::OpenAt),
    (2, Call::Open),
    (59, Call::Exec),
    (87, Call::Unlink),
    (263, Call::UnlinkAt),
    (82, Call::Rename),
    (437, Call::OpenAt2),
    (85, Call::Creat),
    (304, Call::OpenByHandle),
    (76, Call::Truncate),
    (264, Call::RenameAt),
    (316, Call::RenameAt2),
    (86, Call::Link),
    (265, Call::LinkAt),
    (84, Call::RemoveDirectory),
    (80, Call::ChangeDirectory),
    (81, Call::ChangeDirectory),
    (161, Call::ChangeView),
    (155, Call::ChangeView),
    (272, Call::ChangeView),
    (308, Call::ChangeView),
    (165, Call::Mount),
    (166, Call::Mount),
    (429, Call::Mount),
    (442, Call::Mount),
    (322, Call::ExecAt),
    (520, Call::Exec),
    (545, Call::ExecAt),
    (425, Call::IoUring),
    (101, Call::Ptrace),
    (521, Call::Ptrace),
    (317, Call::Seccomp),
    (105, Call::ChangeIdentity),
    (106, Call::ChangeIdentity),
    (113, Call::ChangeIdentity),
    (114, Call::ChangeIdentity),
    (116, Call::ChangeIdentity),
    (117, Call::ChangeIdentity),
    (119, Call::ChangeIdentity),
    (122, Call::ChangeIdentity),
    (123, Call::ChangeIdentity),
    (126, Call::ChangeIdentity),
];

/// From the kernel's syscall_32.tbl.
#[cfg(target_arch = "x86_64")]
const I386: &[(u32, Call)] = &[
    (295, Call::OpenAt),
    (5, Call::Open),
    (11, Call::Exec),
    (10, Call::Unlink),
    (301, Call::UnlinkAt),
    (38, Call::Rename),
    (437, Call::OpenAt2),
    (8, Call::Creat),
    (342, Call::OpenByHandle),
    (92, Call::Truncate),
    (193, Call::Truncate),
    (302, Call::RenameAt),
    (353, Call::RenameAt2),
    (9, Call::Link),
    (303, Call::LinkAt),
    (40, Call::RemoveDirectory),
    (12, Call::ChangeDirectory),
    (133, Call::ChangeDirectory),
    (61, Call::ChangeView),
    (217, Call::ChangeView),
    (310, Call::ChangeView),
    (346, Call::ChangeView),
    (21, Call::Mount),
    (22, Call::Mount),
    (52, Call::Mount),
    (429, Call::Mount),
    (442, Call::Mount),
    (358, Call::ExecAt),
    (425, Call::IoUring),
    (26, Call::Ptrace),
    (354, Call::Seccomp),
    (23, Call::ChangeIdentity),
    (46, Call::ChangeIdentity),
    (70, Call::ChangeIdentity),
    (71, Call::ChangeIdentity),
    (81, Call::ChangeIdentity),
    (138, Call::ChangeIdentity),
    (139, Call::ChangeIdentity),
    (164, Call::ChangeIdentity),
    (170, Call::ChangeIdentity),
    (203, Call::ChangeIdentity),
    (204, Call::ChangeIdentity),
    (206, Call::ChangeIdentity),
    (208, Call::ChangeIdentity),
    (210, Call::ChangeIdentity),
    (213, Call::ChangeIdentity),
    (214, Call::ChangeIdentity),
    (215, Call::ChangeIdentity),
    (216, Call::ChangeIdentity),
];

/// From the kernel's generic table.
#[cfg(target_arch = "aarch64")]
const AARCH64: &[(u32, Call)] = &[
    (56, Call::OpenAt),
    (221, Call::Exec),
    (35, Call::UnlinkAt),
    (437, Call::OpenAt2),
    (265, Call::OpenByHandle),
    (45, Call::Truncate),
    (38, Call::RenameAt),
    (276, Call::RenameAt2),
    (37, Call::LinkAt),
    (49, Call::ChangeDirectory),
    (50, Call::ChangeDirectory),
    (51, Call::ChangeView),
    (41, Call::ChangeView),
    (97, Call::ChangeView),
    (268, Call::ChangeView),
    (40, Call::Mount),
    (39, Call::Mount),
    (429, Call::Mount),
    (442, Call::Mount),
    (281, Call::ExecAt),
    (425, Call::IoUring),
    (117, Call::Ptrace),
    (277, Call::Seccomp),
    (91, Call::ChangeIdentity),
    (143, Call::ChangeIdentity),
    (144, Call::ChangeIdentity),
    (145, Call::ChangeIdentity),
    (146, Call::ChangeIdentity),
    (147, Call::ChangeIdentity),
    (149, Call::ChangeIdentity),
    (151, Call::ChangeIdentity),
    (152, Call::ChangeIdentity),
    (159, Call::ChangeIdentity),
];

/// From arm's syscall.tbl (EABI).
#[cfg(target_arch = "aarch64")]
const ARM: &[(u32, Call)] = &[
    (322, Call::OpenAt),
    (5, Call::Open),
    (11, Call::Exec),
    (10, Call::Unlink),
    (328, Call::UnlinkAt),
    (38, Call::Rename),
    (437, Call::OpenAt2),
    (8, Call::Creat),
    (371, Call::OpenByHandle),
    (92, Call::Truncate),
    (193, Call::Truncate),
    (329, Call::RenameAt),
    (382, Call::RenameAt2),
    (9, Call::Link),
    (330, Call::LinkAt),
    (40, Call::RemoveDirectory),
    (12, Call::ChangeDirectory),
    (133, Call::ChangeDirectory),
    (61, Call::ChangeView),
    (218, Call::ChangeView),
    (337, Call::ChangeView),
    (375, Call::ChangeView),
    (21, Call::Mount),
    (52, Call::Mount),
    (429, Call::Mount),
    (442, Call::Mount),
    (387, Call::ExecAt),
    (425, Call::IoUring),
    (26, Call::Ptrace),
    (383, Call::Seccomp),
    (23, Call::ChangeIdentity),
    (46, Call::ChangeIdentity),
    (70, Call::ChangeIdentity),
    (71, Call::ChangeIdentity),
    (81, Call::ChangeIdentity),
    (138, Call::ChangeIdentity),
    (139, Call::ChangeIdentity),
    (164, Call::ChangeIdentity),
    (170, Call::ChangeIdentity),
    (203, Call::ChangeIdentity),
    (204, Call::ChangeIdentity),
    (206, Call::ChangeIdentity),
    (208, Call::ChangeIdentity),
    (210, Call::ChangeIdentity),
    (213, Call::ChangeIdentity),
    (214, Call::ChangeIdentity),
    (215, Call::ChangeIdentity),
    (216, Call::ChangeIdentity),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_no_call_number_is_listed_twice() {
        for architecture in ARCHITECTURES {
            let mut numbers: Vec<u32> = architecture.calls.iter().map(|(number, _)| *number).collect();
            numbers.extend([architecture.mmap, architecture.prctl]);
            let count = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), count);
        }
    }

    #[test]
    fn test_decode_knows_the_native_numbers() {
        let audit = ARCHITECTURES[0].audit;
        let meaning = |number: libc::c_long| decode(audit, number as u32).map(|(call, _)| call);
        assert_eq!(meaning(libc::SYS_openat), Some(Call::OpenAt));
        assert_eq!(meaning(libc::SYS_renameat2), Some(Call::RenameAt2));
        assert_eq!(meaning(libc::SYS_execveat), Some(Call::ExecAt));
        assert_eq!(meaning(libc::SYS_unshare), Some(Call::ChangeView));
        assert_eq!(meaning(libc::SYS_setresuid), Some(Call::ChangeIdentity));
        assert_eq!(meaning(libc::SYS_mmap), Some(Call::MapShared));
        assert_eq!(meaning(libc::SYS_prctl), Some(Call::SeccompByPrctl));
        assert_eq!(meaning(libc::SYS_read), None);
    }
}

//! The capabilities of a root-owned copy of this program: needed to load, given up right after.

const LINUX_CAPABILITY_VERSION_3: u32 = 0x2008_0522;

#[repr(C)]
struct Head {
    version: u32,
    process: i32,
}

/// Whether this program got more than its user has: it is a copy with capabilities of its own.
fn are_given() -> bool {
    // SAFETY: plain system calls.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 && libc::geteuid() != 0 }
}

/// Gives up everything once the programs are attached: what is attached stays so.
pub fn drop_those_for_loading() {
    if are_given() {
        clear();
        // What a user may look at of an ordinary program of his, he may look at here as well.
        // SAFETY: a plain system call.
        unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
    }
}

fn clear() {
    let head = Head { version: LINUX_CAPABILITY_VERSION_3, process: 0 };
    let none = [0u32; 6];
    // SAFETY: the structures have the layout of capset(2), version 3, and are alive for the call.
    let result = unsafe { libc::syscall(libc::SYS_capset, &head, none.as_ptr()) };
    assert!(result == 0, "giving up capabilities can't fail");
}

//! dlopen(3) goes on as the caller's own call, since what it finds depends on who asks; the files are looked for later.

use crate::next::Next;
use crate::objects;

static DLOPEN: Next = Next::new("dlopen");
static DLMOPEN: Next = Next::new("dlmopen");

extern "C" fn before_dlopen() -> usize {
    crate::start::ensure();
    objects::expect_more();
    DLOPEN.address()
}

extern "C" fn before_dlmopen() -> usize {
    crate::start::ensure();
    objects::expect_more();
    DLMOPEN.address()
}

#[cfg(target_arch = "x86_64")]
macro_rules! loads {
    ($($name:literal, $before:ident);*) => { $(
        core::arch::global_asm!(
            concat!(".globl ", $name), concat!(".type ", $name, ", @function"), concat!($name, ":"),
            ".cfi_startproc",
            "push rdi",
            ".cfi_adjust_cfa_offset 8",
            "push rsi",
            ".cfi_adjust_cfa_offset 8",
            "push rdx",
            ".cfi_adjust_cfa_offset 8",
            "call {before}",
            "pop rdx",
            ".cfi_adjust_cfa_offset -8",
            "pop rsi",
            ".cfi_adjust_cfa_offset -8",
            "pop rdi",
            ".cfi_adjust_cfa_offset -8",
            "jmp rax",
            ".cfi_endproc",
            before = sym $before,
        );
    )* };
}
#[cfg(target_arch = "aarch64")]
macro_rules! loads {
    ($($name:literal, $before:ident);*) => { $(
        core::arch::global_asm!(
            concat!(".globl ", $name), concat!(".type ", $name, ", @function"), concat!($name, ":"),
            ".cfi_startproc",
            "stp x29, x30, [sp, #-48]!",
            ".cfi_def_cfa_offset 48",
            ".cfi_offset 29, -48",
            ".cfi_offset 30, -40",
            "stp x0, x1, [sp, #16]",
            "str x2, [sp, #32]",
            "bl {before}",
            "mov x16, x0",
            "ldp x0, x1, [sp, #16]",
            "ldr x2, [sp, #32]",
            "ldp x29, x30, [sp], #48",
            ".cfi_def_cfa_offset 0",
            "br x16",
            ".cfi_endproc",
            before = sym $before,
        );
    )* };
}
loads!("dlopen", before_dlopen; "dlmopen", before_dlmopen);

//! dlopen(3) goes on as the caller's own call, since what it finds depends on who asks; the files are looked for later.

use crate::arch;
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

arch::go_on!("dlopen", before_dlopen; "dlmopen", before_dlmopen);

//! mkstemp(3) and its family: the name is known when the file is there.

use super::descriptor;
use crate::before;
use crate::opening::{self, Path};
use crate::sys::{O_CREAT, O_EXCL, O_RDWR};
use core::ffi::{c_char, c_int};

type Template = *mut c_char;
const FLAGS: c_int = O_RDWR | O_CREAT | O_EXCL;

macro_rules! makes {
    ($($name:ident($($argument:ident),*)),*) => { $(
        before! { next: fn $name(template: Template, $($argument: c_int),*) -> c_int {
            opening::open(Path::here(template), FLAGS, || next(template, $($argument),*), descriptor)
        }}
    )* };
}
makes!(
    mkstemp(),
    mkstemp64(),
    mkostemp(flags),
    mkostemp64(flags),
    mkstemps(suffix),
    mkstemps64(suffix),
    mkostemps(suffix, flags),
    mkostemps64(suffix, flags)
);

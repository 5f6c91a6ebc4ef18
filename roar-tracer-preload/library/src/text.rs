//! C strings and paths as bytes.

use core::ffi::c_char;

/// Paths are at most this long for the kernel, the closing NUL included.
pub const MOST_PATH: usize = 4096;

/// The bytes before the NUL, cut at `most`.
///
/// # Safety
/// `string` is readable up to its NUL or `most` bytes; null gives nothing.
pub unsafe fn bytes<'a>(string: *const c_char, most: usize) -> &'a [u8] {
    if string.is_null() {
        return &[];
    }
    let start = string.cast::<u8>();
    let mut length = 0;
    // SAFETY: as the caller promises.
    while length < most && unsafe { *start.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: these bytes have just been read.
    unsafe { core::slice::from_raw_parts(start, length) }
}

/// The bytes of a path argument that a call has accepted.
///
/// # Safety
/// `path` is null or NUL-terminated.
pub unsafe fn path<'a>(path: *const c_char) -> &'a [u8] {
    // SAFETY: as the caller promises.
    unsafe { bytes(path, MOST_PATH) }
}

/// The part before the last name, its slash included.
pub fn folder(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&byte| byte == b'/');
    &path[..slash.map_or(0, |slash| slash + 1)]
}

/// The last name.
pub fn name(path: &[u8]) -> &[u8] {
    &path[folder(path).len()..]
}

/// Whether `whole`, which has no links, is what `base` and `path` say literally. `.` and doubled slashes say nothing;
/// a path with `..` in it is never found to be the same.
pub fn is_literally(whole: &[u8], base: &[u8], path: &[u8]) -> bool {
    let base = if path.first() == Some(&b'/') { &[][..] } else { base };
    let said = base.split(is_slash).chain(path.split(is_slash)).filter(|part| !is_silent(part));
    let mut there = whole.split(is_slash).filter(|part| !part.is_empty());
    for part in said {
        if part == b".." || there.next() != Some(part) {
            return false;
        }
    }
    there.next().is_none() && !path.ends_with(b"/")
}

fn is_slash(byte: &u8) -> bool {
    *byte == b'/'
}

fn is_silent(part: &[u8]) -> bool {
    part.is_empty() || part == b"."
}

/// Writes `/proc/self/fd/N` and a NUL.
pub fn descriptor_link(descriptor: i32, buffer: &mut [u8; 32]) {
    let mut end = put(buffer, 0, b"/proc/self/fd/");
    end = put_number(buffer, end, descriptor as u64, 10);
    buffer[end] = 0;
}

/// Puts bytes at a place of a buffer; where they end. What does not fit is cut.
pub fn put(buffer: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    let room = buffer.len().saturating_sub(at);
    let count = bytes.len().min(room);
    if count > 0 {
        buffer[at..at + count].copy_from_slice(&bytes[..count]);
    }
    at + count
}

/// Puts a number in digits.
pub fn put_number(buffer: &mut [u8], at: usize, mut number: u64, base: u64) -> usize {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b"0123456789abcdef"[(number % base) as usize & 15];
        number /= base;
        if number == 0 || first == 0 {
            break;
        }
    }
    put(buffer, at, &digits[first..])
}

/// The number that `digits` spell.
pub fn number(digits: &[u8], base: u64) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        (u64::from(value) < base).then_some(())?;
        sum.checked_mul(base)?.checked_add(value.into())
    })
}

//! The objects that are loaded into this process: where a function comes from, and which files they are.
//!
//! Functions are looked up here rather than by dlsym(3), which takes a lock, may allocate, and binds to versions of
//! the C library that differ between systems.

use crate::arch;
use crate::entry::Kind;
use crate::state::STATE;
use crate::sys;
use crate::text;
use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int, c_ulong, c_void};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[repr(C)]
struct Information {
    base: usize,
    name: *const c_char,
    segments: *const Segment,
    count: u16,
    added: u64,
    removed: u64,
}

#[repr(C)]
struct Segment {
    kind: u32,
    flags: u32,
    offset: usize,
    address: usize,
    physical: usize,
    file_size: usize,
    memory_size: usize,
    alignment: usize,
}

#[repr(C)]
struct Symbol {
    name: u32,
    information: u8,
    other: u8,
    section: u16,
    value: usize,
    size: usize,
}

extern "C" {
    fn getauxval(kind: c_ulong) -> c_ulong;
    fn dl_iterate_phdr(
        callback: unsafe extern "C" fn(*const Information, usize, *mut c_void) -> c_int,
        data: *mut c_void,
    ) -> c_int;
}

const AT_BASE: c_ulong = 7;
const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const DT_STRTAB: usize = 5;
const DT_SYMTAB: usize = 6;
const DT_GNU_HASH: usize = 0x6fff_fef5;
const DT_VERSYM: usize = 0x6fff_fff0;
const MOST_OBJECTS: usize = 64;

/// What is needed to look a name up in an object.
#[derive(Clone, Copy)]
struct Tables {
    base: usize,
    symbols: usize,
    strings: usize,
    hashes: usize,
    versions: usize,
}

struct After {
    count: AtomicUsize,
    objects: UnsafeCell<[Tables; MOST_OBJECTS]>,
}

// SAFETY: filled once, by the first thread, before `count` says so.
unsafe impl Sync for After {}

const NOTHING: Tables = Tables { base: 0, symbols: 0, strings: 0, hashes: 0, versions: 0 };
/// The objects that come after this one in the order of lookup.
static AFTER: After = After { count: AtomicUsize::new(0), objects: UnsafeCell::new([NOTHING; MOST_OBJECTS]) };
/// Something may have been loaded since the last look.
static STALE: AtomicBool = AtomicBool::new(true);
static ADDED: AtomicUsize = AtomicUsize::new(0);

/// Takes note of where functions are to be found.
pub fn learn() {
    let mut found = (false, 0usize);
    // SAFETY: the callback takes this type.
    unsafe { dl_iterate_phdr(learn_one, (core::ptr::addr_of_mut!(found)).cast()) };
    AFTER.count.store(found.1, Ordering::Release);
}

unsafe extern "C" fn learn_one(information: *const Information, _: usize, data: *mut c_void) -> c_int {
    // SAFETY: `learn` passes this, the loader the other.
    let (found, information) = unsafe { (&mut *data.cast::<(bool, usize)>(), &*information) };
    if !found.0 {
        found.0 = contains(information, learn as *const () as usize);
        return 0;
    }
    if let (Some(tables), true) = (tables_of(information), found.1 < MOST_OBJECTS) {
        // SAFETY: only this thread writes, and nobody reads beyond `count`.
        unsafe { (*AFTER.objects.get())[found.1 % MOST_OBJECTS] = tables };
        found.1 += 1;
    }
    0
}

fn segments(information: &Information) -> &[Segment] {
    // SAFETY: the loader's own table.
    unsafe { core::slice::from_raw_parts(information.segments, usize::from(information.count)) }
}

fn contains(information: &Information, address: usize) -> bool {
    segments(information).iter().any(|segment| {
        let start = information.base.wrapping_add(segment.address);
        segment.kind == PT_LOAD && address.wrapping_sub(start) < segment.memory_size
    })
}

fn tables_of(information: &Information) -> Option<Tables> {
    let dynamic = segments(information).iter().find(|segment| segment.kind == PT_DYNAMIC)?;
    let mut entry = information.base.wrapping_add(dynamic.address) as *const [usize; 2];
    let mut tables = Tables { base: information.base, ..NOTHING };
    // SAFETY: the dynamic section ends in an entry of kind 0.
    unsafe {
        while (*entry)[0] != 0 {
            // The loader has made these addresses absolute, but for objects that it must not write to (the vDSO).
            let value = (*entry)[1];
            let address = if value < information.base { information.base.wrapping_add(value) } else { value };
            match (*entry)[0] {
                DT_STRTAB => tables.strings = address,
                DT_SYMTAB => tables.symbols = address,
                DT_GNU_HASH => tables.hashes = address,
                DT_VERSYM => tables.versions = address,
                _ => {}
            }
            entry = entry.add(1);
        }
    }
    (tables.symbols != 0 && tables.strings != 0 && tables.hashes != 0).then_some(tables)
}

/// The address of a function in the objects after this one.
pub fn find(name: &[u8]) -> Option<usize> {
    let hash = name.iter().fold(5381u32, |hash, &byte| hash.wrapping_mul(33).wrapping_add(byte.into()));
    let count = AFTER.count.load(Ordering::Acquire).min(MOST_OBJECTS);
    // SAFETY: the entries below `count` are written and stay.
    let objects = unsafe { &*AFTER.objects.get() };
    // SAFETY: the tables are the loader's own.
    objects.iter().take(count).find_map(|tables| unsafe { find_in(tables, name, hash) })
}

/// Looks a name up as the loader does (DT_GNU_HASH).
unsafe fn find_in(tables: &Tables, name: &[u8], hash: u32) -> Option<usize> {
    // SAFETY: the layout of the table is fixed; its parts lie where its head says.
    unsafe {
        let head = tables.hashes as *const u32;
        let (buckets, first, words, shift) = (*head, *head.add(1), *head.add(2), *head.add(3));
        let bloom = head.add(4).cast::<u64>();
        let bits = 1u64 << (hash % 64) | 1u64 << ((hash >> (shift % 32)) % 64);
        if buckets == 0 || words == 0 || *bloom.add((hash / 64 % words) as usize) & bits != bits {
            return None;
        }
        let bucket = bloom.add(words as usize).cast::<u32>();
        let chain = bucket.add(buckets as usize);
        let mut index = *bucket.add((hash % buckets) as usize);
        if index < first {
            return None;
        }
        loop {
            let link = *chain.add((index - first) as usize);
            if link | 1 == hash | 1 {
                if let Some(address) = symbol_at(tables, index as usize, name) {
                    return Some(address);
                }
            }
            if link & 1 != 0 {
                return None;
            }
            index += 1;
        }
    }
}

unsafe fn symbol_at(tables: &Tables, index: usize, name: &[u8]) -> Option<usize> {
    const FUNCTION: u8 = 2;
    const INDIRECT: u8 = 10;
    const OLD_VERSION: u16 = 0x8000;
    // SAFETY: the index comes from the object's own hash table.
    unsafe {
        let symbol = &*(tables.symbols as *const Symbol).add(index);
        let old = tables.versions != 0 && *(tables.versions as *const u16).add(index) & OLD_VERSION != 0;
        if symbol.section == 0 || old {
            return None;
        }
        let text = (tables.strings as *const c_char).add(symbol.name as usize);
        if text::bytes(text, name.len() + 1) != name {
            return None;
        }
        let address = tables.base.wrapping_add(symbol.value);
        match symbol.information & 15 {
            FUNCTION => Some(address),
            INDIRECT => Some(arch::chosen(address)),
            _ => None,
        }
    }
}

/// Something is about to be loaded: it is looked for at the next occasion. (The call itself must go on as the
/// caller's own: what dlopen(3) finds depends on who asks.)
pub fn expect_more() {
    STALE.store(true, Ordering::Release);
}

/// Takes note of the files that have been loaded since.
pub fn look() {
    if STALE.load(Ordering::Relaxed) && STALE.swap(false, Ordering::AcqRel) {
        // SAFETY: the callback takes no data.
        unsafe { dl_iterate_phdr(note_one, core::ptr::null_mut()) };
    }
}

unsafe extern "C" fn note_one(information: *const Information, _: usize, _: *mut c_void) -> c_int {
    // SAFETY: the loader's own.
    let information = unsafe { &*information };
    ADDED.store(information.added as usize, Ordering::Relaxed);
    // SAFETY: the name is NUL-terminated.
    let path = unsafe { text::path(information.name) };
    let is_new = NOTED.note(information.base, information.name as usize);
    if path.is_empty() || !path.contains(&b'/') || !is_new {
        return 0;
    }
    // The loader is among the files of the exec.
    // SAFETY: a plain question to the C library.
    let loader = unsafe { getauxval(AT_BASE) } as usize;
    if information.base == loader || contains(information, learn as *const () as usize) {
        return 0;
    }
    // SAFETY: as above.
    if let Ok(status) = unsafe { sys::stat_at(sys::AT_FDCWD, information.name, 0) } {
        if let Some(ring) = STATE.ring() {
            ring.marks().read(&status);
        }
        STATE.write(Kind::Library, 0, &[], &[&status], &[path]);
    }
    0
}

/// The objects that have been noted, by where they are; a full table notes them again, which does no harm.
struct Noted {
    slots: [AtomicUsize; 256],
}

static NOTED: Noted = Noted { slots: [const { AtomicUsize::new(0) }; 256] };

impl Noted {
    fn note(&self, base: usize, name: usize) -> bool {
        let key = base ^ name.rotate_left(20) | 1;
        let slot = &self.slots[(key >> 12 ^ key) % 256];
        slot.swap(key, Ordering::Relaxed) != key
    }
}

/// How many objects have ever been loaded, to find those that the C library itself has loaded.
pub fn look_if_more() {
    let mut added = 0usize;
    // SAFETY: the callback takes this type.
    unsafe { dl_iterate_phdr(count_one, (core::ptr::addr_of_mut!(added)).cast()) };
    if ADDED.swap(added, Ordering::Relaxed) != added {
        expect_more();
    }
    look();
}

unsafe extern "C" fn count_one(information: *const Information, _: usize, data: *mut c_void) -> c_int {
    // SAFETY: `look_if_more` passes this.
    unsafe { *data.cast::<usize>() = (*information).added as usize };
    1
}

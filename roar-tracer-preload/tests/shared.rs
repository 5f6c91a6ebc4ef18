//! What the job's programs and the tracer share besides the entries.
#![allow(clippy::unwrap_used)]

use roar_preload::hash;
use roar_preload::marks::{Mark, Marks};
use roar_preload::ring::{Ring, HEADER_BYTES, LEAST_BYTES};
use std::alloc::{alloc_zeroed, Layout};

const DEVICE: u64 = 0x801;

/// An empty table, as long as the test runs.
fn marks() -> &'static Marks {
    let layout = Layout::from_size_align(HEADER_BYTES + LEAST_BYTES, 4096).unwrap();
    // SAFETY: the memory is zeroed, large enough, and never given back.
    unsafe { Ring::create(alloc_zeroed(layout), LEAST_BYTES as u64, 1) }.unwrap().marks()
}

#[test]
fn test_a_file_is_unread_then_read_then_settled_until_it_is_gone() {
    let marks = marks();
    let of = || marks.of(DEVICE, 7);
    assert_eq!(of(), Some(Mark::Unread));
    marks.read_by_number(DEVICE, 7);
    assert_eq!(of(), Some(Mark::Read));
    marks.settle(DEVICE, 7);
    marks.read_by_number(DEVICE, 7);
    assert_eq!(of(), Some(Mark::Settled));
    assert_eq!(marks.of(DEVICE + 1, 7), Some(Mark::Unread));
    marks.forget(&roar_preload::status::Status { device: DEVICE, inode: 7, ..Default::default() });
    assert_eq!(of(), Some(Mark::Unread));
}

#[test]
fn test_the_table_holds_20000_files_however_they_are_numbered() {
    let numberings: [fn(u64) -> (u64, u64); 4] = [
        |index| (DEVICE, 1_000_000 + index),
        |index| (DEVICE + index % 5, 64 + index / 5),
        |index| (DEVICE, index * 128),
        |index| (DEVICE, hash::mix(3, index)),
    ];
    for (number, numbering) in numberings.iter().enumerate() {
        let marks = marks();
        for (device, inode) in (0..20_000).map(numbering) {
            marks.read_by_number(device, inode);
        }
        for (device, inode) in (0..20_000).map(numbering) {
            assert_eq!(marks.of(device, inode), Some(Mark::Read), "numbering {number}");
        }
        assert_eq!(marks.of(DEVICE + 9, 5), Some(Mark::Unread), "numbering {number}");
    }
}

#[test]
fn test_a_full_table_says_that_it_cannot_tell() {
    let marks = marks();
    for inode in 0..40_000 {
        marks.read_by_number(DEVICE, inode);
    }
    assert_eq!(marks.of(DEVICE, 100_000), None);
}

#[test]
fn test_bytes_of_any_number_become_words() {
    let bytes: [u8; 20] = std::array::from_fn(|index| index as u8 + 1);
    let (first, second, last) = (0x0807_0605_0403_0201, 0x100f_0e0d_0c0b_0a09, 0x1413_1211);
    let cases: [(usize, &[u64]); 5] =
        [(0, &[]), (3, &[0x03_0201]), (8, &[first]), (16, &[first, second]), (20, &[first, second, last])];
    for (length, expected) in cases {
        assert!(hash::words(&bytes[..length]).eq(expected.iter().copied()), "{length}");
    }
    assert_eq!(hash::word(&bytes), first);
}

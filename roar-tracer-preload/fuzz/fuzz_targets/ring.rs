//! Writers that are honest, that are killed before they commit, and that write anything anywhere, before the reader of
//! the ring. It must neither panic nor read beyond the ring nor go on for ever; and where nobody is hostile, everything
//! that was written comes back in order, and what was not is counted.
#![no_main]

#[path = "../../src/decode.rs"]
#[allow(dead_code)]
mod decode;
#[path = "../../src/reader.rs"]
#[allow(dead_code)]
mod reader;

use decode::Words;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use reader::Reader;
use roar_preload::entry::{self, Head, Kind};
use roar_preload::ring::{Ring, HEADER_BYTES, LEAST_BYTES};
use std::alloc::{alloc_zeroed, Layout};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::OnceLock;

const KEY: u64 = 0x5eed;

#[derive(Arbitrary, Debug)]
enum Step {
    Write {
        kind: u8,
        number: u64,
        text: Vec<u8>,
    },
    /// A text that fills a good part of the ring.
    WriteLong {
        number: u64,
        length: u16,
    },
    /// A writer is killed before it commits.
    Abandon {
        words: u16,
    },
    /// The first entry that is waiting is torn: one of its words is another.
    Tear {
        word: u8,
        value: u64,
    },
    Overwrite {
        place: u32,
        value: u64,
    },
    MoveMark {
        taken: u64,
    },
    MoveMarkBy {
        words: i16,
    },
    Read {
        count: u8,
    },
    Free,
    Rewind,
}

/// What an honest writer has written.
type Written = (Kind, u64, Vec<u8>);

fuzz_target!(|steps: Vec<Step>| {
    let ring = fresh_ring();
    let mut reader = Reader::with_patience(ring, 0);
    let (mut waiting, mut unread) = (VecDeque::<Written>::new(), 0u64);
    let mut is_honest = true;
    for step in &steps {
        match step {
            Step::Write { kind, number, text } => {
                let kind = Kind::from_number(u16::from(*kind)).unwrap_or(Kind::Open);
                write(&ring, kind, *number, text, &mut waiting, &mut unread);
            }
            Step::WriteLong { number, length } => {
                write(
                    &ring,
                    Kind::Open,
                    *number,
                    &vec![b'x'; usize::from(*length)],
                    &mut waiting,
                    &mut unread,
                );
            }
            Step::Abandon { words } => {
                unread += 1;
                ring.take(usize::from(*words % 8000) + entry::HEAD_WORDS);
            }
            Step::Tear { word, value } => {
                is_honest = false;
                let place = ring.header().freed.0.load(Ordering::Relaxed);
                ring.word(place.wrapping_add(u64::from(*word) * 8)).store(*value, Ordering::Relaxed);
            }
            Step::Overwrite { place, value } => {
                is_honest = false;
                ring.word(u64::from(*place)).store(*value, Ordering::Relaxed);
            }
            Step::MoveMark { taken } => {
                is_honest = false;
                ring.header().taken.0.store(*taken, Ordering::Relaxed);
            }
            Step::MoveMarkBy { words } => {
                is_honest = false;
                ring.header().taken.0.fetch_add((i64::from(*words) * 8) as u64, Ordering::Relaxed);
            }
            Step::Read { count } => read(&mut reader, usize::from(*count), is_honest, &mut waiting),
            Step::Free => reader.free(),
            Step::Rewind => reader.rewind(),
        }
    }
    read(&mut reader, usize::MAX, is_honest, &mut waiting);
    if is_honest {
        assert!(waiting.is_empty(), "{} entries have not come back", waiting.len());
        assert!(reader.take_lost() <= unread, "more lost than were not written");
    }
    reader.free();
    reader.rewind();
    reader.publish();
});

/// The same memory each time, as it is at first.
fn fresh_ring() -> Ring {
    static START: OnceLock<usize> = OnceLock::new();
    let layout = Layout::from_size_align(HEADER_BYTES + LEAST_BYTES, 4096).expect("a valid layout");
    // SAFETY: the layout is not empty; the memory is never given back.
    let start = *START.get_or_init(|| unsafe { alloc_zeroed(layout) } as usize) as *mut u8;
    // SAFETY: nobody uses the ring of the round before any more.
    unsafe {
        start.write_bytes(0, layout.size());
        Ring::create(start, LEAST_BYTES as u64, KEY).expect("a ring of valid size")
    }
}

fn write(
    ring: &Ring,
    kind: Kind,
    number: u64,
    text: &[u8],
    waiting: &mut VecDeque<Written>,
    unread: &mut u64,
) {
    match entry::write(ring, kind, &Head::default(), &[number], &[], &[text]) {
        Some(_) => waiting.push_back((kind, number, text.to_vec())),
        None => *unread += 1,
    }
}

fn read(reader: &mut Reader, most: usize, is_honest: bool, waiting: &mut VecDeque<Written>) {
    let mut words = Vec::new();
    let mut count = 0;
    while count < most && reader.next(&mut words).is_some() {
        count += 1;
        assert!(count <= LEAST_BYTES, "more entries than fit");
        if is_honest {
            let (kind, _, mut words) = Words::begin(&words).expect("an honest entry has a head");
            let (number, text) = (words.number().expect("a number"), words.text().expect("a text"));
            let (wrote, wrote_number, wrote_text) = waiting.pop_front().expect("nobody has written it");
            assert_eq!((kind, number), (wrote, wrote_number));
            assert_eq!(Some(text), wrote_text.split(|&byte| byte == 0).next());
        } else {
            decode_as_anything(&words);
        }
    }
}

/// Reads an entry in the order of all kinds that there are: statuses, numbers and texts anywhere.
fn decode_as_anything(words: &[u64]) {
    for first in 0..3 {
        let Some((_, _, mut words)) = Words::begin(words) else { return };
        for turn in first.. {
            let is_there = match turn % 3 {
                0 => words.number().is_some(),
                1 => words.text().is_some(),
                _ => words.status().is_some(),
            };
            if !is_there {
                break;
            }
        }
    }
}

//! A fast hash of 64 bits, for caches and checksums; no protection against those who choose their input.

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// One more word.
#[inline]
pub fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word).wrapping_mul(u128::from(MIX));
    (product as u64) ^ ((product >> 64) as u64) ^ hash.rotate_left(29)
}

/// Up to eight bytes as a word.
#[inline]
pub fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(whole) => u64::from_le_bytes(*whole),
        None => bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// Bytes as words of eight, the last of which may have fewer. No copy of a length that is known only then, which is a
/// call for each word.
#[inline]
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let whole = bytes.chunks_exact(8);
    let rest = whole.remainder();
    whole.map(word).chain((!rest.is_empty()).then(|| word(rest)))
}

/// The hash of bytes, begun with `seed`.
#[inline]
pub fn bytes(seed: u64, bytes: &[u8]) -> u64 {
    let hash = words(bytes).fold(mix(seed, bytes.len() as u64), mix);
    mix(hash, MIX)
}

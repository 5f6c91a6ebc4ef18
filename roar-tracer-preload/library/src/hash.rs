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
    let mut whole = [0u8; 8];
    let count = bytes.len().min(8);
    whole[..count].copy_from_slice(&bytes[..count]);
    u64::from_le_bytes(whole)
}

/// The hash of bytes, begun with `seed`.
#[inline]
pub fn bytes(seed: u64, bytes: &[u8]) -> u64 {
    let hash = bytes.chunks(8).fold(mix(seed, bytes.len() as u64), |hash, piece| mix(hash, word(piece)));
    mix(hash, MIX)
}

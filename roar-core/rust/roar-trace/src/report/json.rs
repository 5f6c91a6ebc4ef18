//! JSON text, appended to a buffer. Strings that are not UTF-8 travel as base64 under another key.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use std::io::Write;

/// An object under construction: `{` is written at once, `}` by `finish`.
pub struct Object<'a> {
    buffer: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Object<'a> {
    pub fn new(buffer: &'a mut Vec<u8>) -> Object<'a> {
        buffer.push(b'{');
        Object { buffer, first: true }
    }

    /// Starts a field and gives the buffer for its value. Keys are plain words.
    pub fn key(&mut self, key: &str) -> &mut Vec<u8> {
        self.suffixed_key(key, "")
    }

    fn suffixed_key(&mut self, key: &str, suffix: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.buffer.push(b',');
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(key.as_bytes());
        self.buffer.extend_from_slice(suffix.as_bytes());
        self.buffer.extend_from_slice(b"\":");
        self.buffer
    }

    pub fn text(&mut self, key: &str, value: &str) -> &mut Self {
        push_string(self.key(key), value);
        self
    }

    /// A byte string: `key`, or `key_bytes` in base64.
    pub fn bytes(&mut self, key: &str, value: &[u8]) -> &mut Self {
        match std::str::from_utf8(value) {
            Ok(text) => push_string(self.key(key), text),
            Err(_) => push_base64(self.suffixed_key(key, "_bytes"), value),
        }
        self
    }

    /// A list of byte strings: all in plain text, or all in base64 under `key_bytes`.
    pub fn byte_list<T: AsRef<[u8]>>(&mut self, key: &str, values: &[T]) -> &mut Self {
        let plain = values.iter().all(|value| std::str::from_utf8(value.as_ref()).is_ok());
        let buffer = self.suffixed_key(key, if plain { "" } else { "_bytes" });
        buffer.push(b'[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                buffer.push(b',');
            }
            match std::str::from_utf8(value.as_ref()) {
                Ok(text) if plain => push_string(buffer, text),
                _ => push_base64(buffer, value.as_ref()),
            }
        }
        buffer.push(b']');
        self
    }

    pub fn number(&mut self, key: &str, value: u64) -> &mut Self {
        push_number(self.key(key), value);
        self
    }

    pub fn optional_number(&mut self, key: &str, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => push_number(self.key(key), value),
            None => self.key(key).extend_from_slice(b"null"),
        }
        self
    }

    pub fn signed(&mut self, key: &str, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => push_signed(self.key(key), value),
            None => self.key(key).extend_from_slice(b"null"),
        }
        self
    }

    pub fn boolean(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(key).extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    pub fn optional_boolean(&mut self, key: &str, value: Option<bool>) -> &mut Self {
        match value {
            Some(value) => self.boolean(key, value),
            None => self.null(key),
        }
    }

    pub fn null(&mut self, key: &str) -> &mut Self {
        self.key(key).extend_from_slice(b"null");
        self
    }

    pub fn numbers(&mut self, key: &str, values: &[u32]) -> &mut Self {
        let buffer = self.key(key);
        buffer.push(b'[');
        push_numbers(buffer, values);
        buffer.push(b']');
        self
    }

    pub fn finish(&mut self) {
        self.buffer.push(b'}');
    }
}

/// A number in digits: four at a time, by a table, since a third of a report is numbers.
#[inline]
pub fn push_number(buffer: &mut Vec<u8>, mut value: u64) {
    const WIDEST: usize = 20;
    let mut digits = [0u8; 2 * WIDEST];
    let mut start = WIDEST;
    let mut put = |pair: usize| {
        start -= 2;
        digits[start..start + 2].copy_from_slice(&PAIRS[pair]);
    };
    while value >= 10_000 {
        let four = (value % 10_000) as usize;
        value /= 10_000;
        put(four % 100);
        put(four / 100);
    }
    let mut rest = value as usize;
    if rest >= 100 {
        put(rest % 100);
        rest /= 100;
    }
    put(rest);
    start += usize::from(rest < 10);
    // A copy of constant length is a few instructions, one of any length a call.
    let end = buffer.len() + WIDEST - start;
    buffer.extend_from_slice(&digits[start..start + WIDEST]);
    buffer.truncate(end);
}

/// The numbers below 100 in two digits.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

#[inline]
pub fn push_signed(buffer: &mut Vec<u8>, value: i64) {
    if value < 0 {
        buffer.push(b'-');
    }
    push_number(buffer, value.unsigned_abs());
}

/// Numbers with commas between them.
pub fn push_numbers(buffer: &mut Vec<u8>, values: &[u32]) {
    for (index, &value) in values.iter().enumerate() {
        if index > 0 {
            buffer.push(b',');
        }
        push_number(buffer, value.into());
    }
}

/// Whether bytes are text that stands in a string as it is.
pub fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

fn push_string(buffer: &mut Vec<u8>, text: &str) {
    buffer.push(b'"');
    let mut plain = 0;
    for (index, &byte) in text.as_bytes().iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        buffer.extend_from_slice(&text.as_bytes()[plain..index]);
        plain = index + 1;
        match byte {
            b'"' | b'\\' => buffer.extend_from_slice(&[b'\\', byte]),
            b'\n' => buffer.extend_from_slice(b"\\n"),
            b'\t' => buffer.extend_from_slice(b"\\t"),
            _ => drop(write!(buffer, "\\u{byte:04x}")),
        }
    }
    buffer.extend_from_slice(&text.as_bytes()[plain..]);
    buffer.push(b'"');
}

fn push_base64(buffer: &mut Vec<u8>, value: &[u8]) {
    buffer.push(b'"');
    buffer.extend_from_slice(STANDARD.encode(value).as_bytes());
    buffer.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(fill: impl for<'a, 'b> FnOnce(&'b mut Object<'a>) -> &'b mut Object<'a>) -> String {
        let mut buffer = Vec::new();
        let mut object = Object::new(&mut buffer);
        fill(&mut object);
        object.finish();
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn test_strings_are_escaped() {
        assert_eq!(object(|o| o.text("k", "a\"b\\c\n\u{1}é")), "{\"k\":\"a\\\"b\\\\c\\n\\u0001é\"}");
    }

    #[test]
    fn test_bytes_that_are_not_text_travel_as_base64() {
        assert_eq!(object(|o| o.bytes("path", b"x\xff\xfe")), "{\"path_bytes\":\"eP/+\"}");
        assert_eq!(
            object(|o| o.byte_list("names", &[&b"a"[..], b"\xff"])),
            "{\"names_bytes\":[\"YQ==\",\"/w==\"]}"
        );
    }

    #[test]
    fn test_numbers_and_absent_values() {
        assert_eq!(
            object(|o| o
                .number("a", 0)
                .number("b", u64::MAX)
                .optional_number("c", None)
                .signed("d", Some(-1))
                .signed("e", Some(i64::MIN))
                .numbers("f", &[9, 10, 99, 100, 12345])),
            "{\"a\":0,\"b\":18446744073709551615,\"c\":null,\"d\":-1,\"e\":-9223372036854775808,\
             \"f\":[9,10,99,100,12345]}"
        );
    }
}

//! Copies a few types and those that they are made of.

use super::table::{kind, sections, word, Info, HEAD, HEADER, MAGIC, MEMBER};
use hashbrown::HashMap;

/// What is taken from a description of types.
pub struct Cut {
    /// The structures that were asked for and what they hold by value; what they point to is left out.
    pub structures: Vec<u8>,
    /// A type of the asked name (`typedef`) with the number that it has for the kernel; nothing else.
    pub type_name: Vec<u8>,
}

/// What is asked for; `None` if the description is not understood.
pub fn cut_down(whole: &[u8], structures: &[&[u8]], type_name: &[u8]) -> Option<Cut> {
    let sections = sections(whole)?;
    let (types, strings) = (&whole[sections.types], &whole[sections.strings]);
    let mut copy = Copy {
        types,
        strings,
        starts: Vec::with_capacity(types.len() / 20),
        ids: HashMap::new(),
        waiting: Vec::new(),
        new_types: Vec::new(),
        new_strings: vec![0],
        texts: HashMap::new(),
    };
    let type_number = copy.find(structures, type_name)?;
    let mut next = 0;
    while let Some(&id) = copy.waiting.get(next) {
        copy.take(id)?;
        next += 1;
    }
    let structures = assemble(&copy.new_types, &copy.new_strings);
    Some(Cut { structures, type_name: alone(type_number, type_name) })
}

struct Copy<'a> {
    types: &'a [u8],
    strings: &'a [u8],
    /// Where each type lies, the first one being type 1.
    starts: Vec<u32>,
    /// New numbers by old ones.
    ids: HashMap<u32, u32>,
    /// Old numbers in the order of the new ones.
    waiting: Vec<u32>,
    new_types: Vec<u8>,
    new_strings: Vec<u8>,
    /// New places of strings by old ones.
    texts: HashMap<u32, u32>,
}

impl Copy<'_> {
    /// Goes through all types, and asks for the structures; gives the number of the type name.
    fn find(&mut self, structures: &[&[u8]], type_name: &[u8]) -> Option<u32> {
        let (mut at, mut found) = (0, None);
        while at < self.types.len() {
            self.starts.push(at as u32);
            let number = self.starts.len() as u32;
            let info = Info(word(self.types, at + 4)?);
            if matches!(info.kind(), kind::STRUCTURE | kind::TYPE_NAME) {
                let text = self.strings.get(word(self.types, at)? as usize..)?;
                let is = |name: &[u8]| text.starts_with(name) && text.get(name.len()) == Some(&0);
                if info.kind() == kind::TYPE_NAME {
                    found = found.or(is(type_name).then_some(number));
                } else if structures.iter().any(|name| is(name)) {
                    self.number_of(number);
                }
            }
            at += HEAD + info.following()?;
        }
        found
    }

    /// The new number of a type, which is copied when its turn comes.
    fn number_of(&mut self, id: u32) -> u32 {
        if id == 0 {
            return 0;
        }
        let next = self.waiting.len() as u32 + 1;
        let number = *self.ids.entry(id).or_insert(next);
        if number == next {
            self.waiting.push(id);
        }
        number
    }

    fn take(&mut self, id: u32) -> Option<()> {
        let at = *self.starts.get(id as usize - 1)? as usize;
        let (name, info) = (word(self.types, at)?, Info(word(self.types, at + 4)?));
        let name = self.text_of(name)?;
        let last = word(self.types, at + 8)?;
        let body = self.types.get(at + HEAD..at + HEAD + info.following()?)?;
        match info.kind() {
            kind::STRUCTURE | kind::UNION => {
                self.push(&[name, info.0, last]);
                for member in body.chunks_exact(MEMBER) {
                    let name = self.text_of(word(member, 0)?)?;
                    let held = self.number_of(word(member, 4)?);
                    self.push(&[name, held, word(member, 8)?]);
                }
            }
            kind::ARRAY => {
                let (element, index) = (self.number_of(word(body, 0)?), self.number_of(word(body, 4)?));
                self.push(&[name, info.0, last, element, index, word(body, 8)?]);
            }
            kind::INTEGER => self.push(&[name, info.0, last, word(body, 0)?]),
            kind::POINTER => self.push(&[name, info.0, 0]),
            kind::ENUM | kind::LARGE_ENUM => self.push(&[name, info.alone().0, last]),
            kind::FORWARD | kind::FLOAT => self.push(&[name, info.0, last]),
            kind::TYPE_NAME | kind::VOLATILE | kind::CONSTANT | kind::RESTRICT | kind::TYPE_TAG => {
                let meant = self.number_of(last);
                self.push(&[name, info.0, meant]);
            }
            // Nothing holds any other by value.
            _ => return None,
        }
        Some(())
    }

    fn push(&mut self, words: &[u32]) {
        self.new_types.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    }

    /// The new place of a string.
    fn text_of(&mut self, place: u32) -> Option<u32> {
        if place == 0 {
            return Some(0);
        }
        if let Some(known) = self.texts.get(&place) {
            return Some(*known);
        }
        let text = self.strings.get(place as usize..)?.split_inclusive(|&byte| byte == 0).next()?;
        let new = self.new_strings.len() as u32;
        self.new_strings.extend_from_slice(text);
        self.texts.insert(place, new);
        Some(new)
    }
}

/// A type name of that number: those before it are declarations without a name.
fn alone(number: u32, name: &[u8]) -> Vec<u8> {
    let words = |kind: u32, name: u32| [name, kind << 24, 0].map(u32::to_ne_bytes).concat();
    let mut types = words(kind::FORWARD, 0).repeat(number as usize - 1);
    types.extend(words(kind::TYPE_NAME, 1));
    assemble(&types, &[b"\0", name, b"\0"].concat())
}

fn assemble(types: &[u8], strings: &[u8]) -> Vec<u8> {
    let header = [HEADER, 0, types.len(), types.len(), strings.len()].map(|word| (word as u32).to_ne_bytes());
    [&MAGIC.to_ne_bytes(), &[1, 0][..], &header.concat(), types, strings].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: u32, kind: u32, count: u32, last: u32) -> [u32; 3] {
        [name, kind << 24 | count, last]
    }

    /// int, struct node { struct node *next; struct pair { int a, b; } both; }, struct other {}, typedef int number.
    fn described() -> Vec<u8> {
        let words = [
            &head(1, kind::INTEGER, 0, 4)[..],
            &[32],
            &head(0, kind::POINTER, 0, 4),
            &head(5, kind::STRUCTURE, 2, 8),
            &[10, 1, 0, 12, 1, 32],
            &head(14, kind::STRUCTURE, 2, 16),
            &[19, 2, 0, 24, 3, 64],
            &head(29, kind::STRUCTURE, 0, 0),
            &head(35, kind::TYPE_NAME, 0, 1),
        ]
        .concat();
        let types: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        assemble(&types, b"\0int\0pair\0a\0b\0node\0next\0both\0other\0number\0")
    }

    fn kinds(description: &[u8]) -> Vec<u32> {
        let types = &description[sections(description).unwrap().types];
        let (mut at, mut kinds) = (0, Vec::new());
        while at < types.len() {
            let info = Info(word(types, at + 4).unwrap());
            kinds.push(info.kind());
            at += HEAD + info.following().unwrap();
        }
        kinds
    }

    #[test]
    fn test_a_structure_is_copied_with_what_it_holds_and_nothing_that_it_points_to() {
        let cut = cut_down(&described(), &[b"node"], b"number").unwrap();
        let expected = [kind::STRUCTURE, kind::POINTER, kind::STRUCTURE, kind::INTEGER];
        assert_eq!(kinds(&cut.structures), expected);
        let strings = &cut.structures[sections(&cut.structures).unwrap().strings];
        assert_eq!(strings, b"\0node\0next\0both\0pair\0a\0b\0int\0");
    }

    #[test]
    fn test_a_type_name_keeps_its_number() {
        let cut = cut_down(&described(), &[], b"number").unwrap();
        let kinds = kinds(&cut.type_name);
        assert_eq!((kinds.len(), kinds[5]), (6, kind::TYPE_NAME));
        assert!(kinds[..5].iter().all(|&kind| kind == kind::FORWARD));
    }

    #[test]
    fn test_what_is_cut_off_or_lacks_the_name_is_refused() {
        let whole = described();
        assert!(cut_down(&whole, &[b"node"], b"numbers").is_none());
        for length in 0..whole.len() {
            assert!(cut_down(&whole[..length], &[b"node"], b"number").is_none());
        }
    }
}

//! A small set of process ids: most files are touched by one.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IdSet {
    #[default]
    None,
    One(u32),
    #[allow(clippy::box_collection)] // keeps the common cases at two words
    Many(Box<Vec<u32>>),
}

impl IdSet {
    pub fn insert(&mut self, id: u32) {
        match self {
            IdSet::None => *self = IdSet::One(id),
            IdSet::One(one) if *one == id => {}
            IdSet::One(one) => *self = IdSet::Many(Box::new(vec![*one, id])),
            // The newest is the likeliest to come again.
            IdSet::Many(many) => {
                if many.last() != Some(&id) && !many.contains(&id) {
                    many.push(id);
                }
            }
        }
    }

    pub fn extend(&mut self, other: &IdSet) {
        for &id in other.as_slice() {
            self.insert(id);
        }
    }

    pub fn as_slice(&self) -> &[u32] {
        match self {
            IdSet::None => &[],
            IdSet::One(one) => std::slice::from_ref(one),
            IdSet::Many(many) => many,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_insert_keeps_each_id_once() {
        let mut ids = IdSet::default();
        for id in [3, 3, 5, 3, 7, 5] {
            ids.insert(id);
        }
        assert_eq!(ids.as_slice(), [3, 5, 7]);
    }
}

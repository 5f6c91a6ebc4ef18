//! Removing a name.

use super::record::Removal;
use super::{Actor, At, Recording};
use crate::identity::Identity;

impl Recording {
    /// `unlink(2)` of a file that is there.
    pub fn removed(&mut self, at: &At, identity: Identity, actor: &Actor) {
        let (index, _) = self.record_at(at, Some(identity), actor);
        let record = self.files.get_mut(index);
        let details = record.details_mut();
        details.removal = Some(Removal { time_ns: actor.time_ns, identity });
        details.destroyed = true;
    }
}

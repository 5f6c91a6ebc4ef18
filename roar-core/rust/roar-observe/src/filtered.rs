//! Parts of the process tree that are observed by a filter, while the rest is observed in another way: a program asks,
//! before it becomes one that can't be looked into, and hands over the listener of its filter.

use crate::guardian::{Guardian, InFlight};
use crate::handle::Answer;
use crate::listener::Listener;
use crate::service::Service;
use roar_launch::control::Control;
use roar_launch::nested::AdoptRequest;
use roar_launch::wait;

/// One program and its descendants.
pub struct FilteredTree {
    listener: Listener,
    in_flight: InFlight,
    _guardian: Option<Guardian>,
}

impl Service {
    pub fn push_filtered(&self, ready: &mut Vec<libc::pollfd>) {
        ready.extend(self.filtered.iter().map(|tree| wait::readable(tree.listener.raw())));
    }

    /// Serves what `push_filtered` has asked about; true if a tree has ended.
    pub fn serve_filtered(&mut self, ready: &[libc::pollfd]) -> bool {
        let mut ended = false;
        for (index, ready) in ready.iter().enumerate().rev() {
            if ready.revents & libc::POLLIN != 0 {
                self.serve_filtered_call(index);
            } else if ready.revents != 0 && index < self.filtered.len() {
                self.filtered.swap_remove(index);
                ended = true;
            }
        }
        ended
    }

    fn serve_filtered_call(&mut self, index: usize) {
        let Some(tree) = self.filtered.get(index) else { return };
        // An error means that the caller has died meanwhile.
        let Ok(notification) = tree.listener.receive() else { return };
        tree.in_flight.begin(notification.id);
        let mut answer = Answer::Proceed;
        if !self.detached {
            self.guarded(|service| {
                // What others have done before comes before.
                service.serve_source();
                answer = service.tracer.notified(&notification);
            });
        }
        if let Some(tree) = self.filtered.get(index) {
            match answer {
                Answer::Proceed => tree.listener.proceed(notification.id),
                Answer::Restart => tree.listener.restart(notification.id),
            }
            tree.in_flight.finish();
        }
    }

    /// Takes a process over that has put itself under a filter, and lets it go on.
    pub fn adopt(&mut self, request: AdoptRequest, control: Control) {
        let Some(source) = &mut self.source else {
            return control.failed("this tracer observes nothing by a filter of its own", None);
        };
        let Ok(in_flight) = InFlight::new() else {
            return control.failed("no memory is left", None);
        };
        source.adopt(&mut self.tracer, request.peer, request.image);
        self.tracer.no_new_privileges |= request.no_new_privileges;
        let listener = Listener::new(request.listener);
        let guardian = Guardian::fork(&in_flight).and_then(|guardian| guardian.entrust(&listener));
        in_flight.job_is_known();
        self.filtered.push(FilteredTree { listener, in_flight, _guardian: guardian });
        control.ready(self.tracer.program.name, None);
    }
}

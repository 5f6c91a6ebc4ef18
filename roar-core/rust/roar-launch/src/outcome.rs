//! How a process ended, and ending as it did.

/// Exit code or signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Exited(i32),
    Killed(i32),
}

impl Outcome {
    /// From a wait status of a process that is gone.
    pub fn from_wait_status(status: i32) -> Outcome {
        if libc::WIFSIGNALED(status) {
            Outcome::Killed(libc::WTERMSIG(status))
        } else {
            Outcome::Exited(libc::WEXITSTATUS(status))
        }
    }

    pub fn exit_code(self) -> Option<i32> {
        match self {
            Outcome::Exited(code) => Some(code),
            Outcome::Killed(_) => None,
        }
    }

    pub fn signal(self) -> Option<i32> {
        match self {
            Outcome::Exited(_) => None,
            Outcome::Killed(signal) => Some(signal),
        }
    }

    /// Ends this process in the same way, without a second core dump.
    pub fn repeat(self) -> ! {
        match self {
            Outcome::Exited(code) => std::process::exit(code),
            Outcome::Killed(signal) => {
                // SAFETY: plain system calls; the signal set is initialised before use.
                unsafe {
                    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
                    libc::setrlimit(libc::RLIMIT_CORE, &none);
                    #[cfg(target_os = "linux")] // a core dump can go to a program, whatever the limit
                    libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
                    libc::signal(signal, libc::SIG_DFL);
                    let mut set = std::mem::zeroed();
                    libc::sigemptyset(&mut set);
                    libc::sigaddset(&mut set, signal);
                    libc::sigprocmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
                    libc::kill(libc::getpid(), signal);
                }
                std::process::exit(128 + signal)
            }
        }
    }
}

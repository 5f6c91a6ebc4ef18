//! Finding and running a command as `execvp(3)` and a shell would.

use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;

extern "C" {
    static environ: *const *const libc::c_char;
}

/// Everything an exec needs, made before the fork.
pub struct Command {
    pub candidates: Vec<CString>,
    arguments: Vec<CString>,
    script_arguments: Vec<CString>,
}

impl Command {
    /// Plans the exec of `words`; `None` if a word has a NUL byte (arguments of a process can't).
    pub fn new(words: &[Vec<u8>]) -> Option<Command> {
        let arguments: Vec<CString> =
            words.iter().map(|word| CString::new(word.clone()).ok()).collect::<Option<_>>()?;
        let name = words.first()?;
        let candidates =
            if name.contains(&b'/') || name.is_empty() { vec![name.clone()] } else { search(name) };
        let mut script_arguments = vec![CString::from(c"/bin/sh"), CString::default()];
        script_arguments.extend(arguments.iter().skip(1).cloned());
        let candidates = candidates.into_iter().map(CString::new).collect::<Result<_, _>>().ok()?;
        Some(Command { candidates, arguments, script_arguments })
    }

    /// Replaces the process, whose environment stays; returns the error number that says why it could not. Runs
    /// between fork and exec.
    pub fn exec(self) -> i32 {
        // SAFETY: `exec_by` passes what execve(2) takes.
        self.exec_by(|path, arguments, environment| unsafe {
            libc::execve(path, arguments, environment);
        })
    }

    /// As `exec`, each attempt made by `execve`, which leaves its error in errno.
    pub fn exec_by(
        mut self,
        execve: impl Fn(*const libc::c_char, *const *const libc::c_char, *const *const libc::c_char),
    ) -> i32 {
        // SAFETY: the C library keeps the list, and nothing here changes it.
        let environment = unsafe { environ };
        let mut denied = None;
        let mut last = libc::ENOENT;
        let arguments = pointers(&self.arguments);
        for candidate in &self.candidates {
            // All strings are NUL-terminated, both lists end in a null pointer.
            execve(candidate.as_ptr(), arguments.as_ptr(), environment);
            last = errno();
            match last {
                libc::ENOEXEC => {
                    self.script_arguments[1].clone_from(candidate);
                    let arguments = pointers(&self.script_arguments);
                    execve(c"/bin/sh".as_ptr(), arguments.as_ptr(), environment);
                    return errno();
                }
                libc::EACCES => denied = Some(last),
                libc::ENOENT | libc::ENOTDIR | libc::ESTALE | libc::ENODEV | libc::ETIMEDOUT => {}
                _ => return last,
            }
        }
        denied.unwrap_or(last)
    }
}

/// The places that PATH names, in order.
fn search(name: &[u8]) -> Vec<Vec<u8>> {
    let path = std::env::var_os("PATH").map_or_else(|| b"/bin:/usr/bin".to_vec(), OsStringExt::into_vec);
    path.split(|&byte| byte == b':')
        .map(|folder| if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() })
        .collect()
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|string| string.as_ptr()).chain(std::iter::once(std::ptr::null())).collect()
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

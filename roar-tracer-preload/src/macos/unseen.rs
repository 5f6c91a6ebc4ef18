//! What is said of a program that nothing could be loaded into: mostly one that macOS protects.

use roar_preload::protection;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// A gap, and what the user is warned of.
pub struct Unseen {
    pub kind: &'static str,
    pub detail: String,
    pub warning: Option<String>,
}

/// Why nothing was loaded into a program. `files`: itself and its interpreters, by absolute paths.
pub fn explain(name: &str, files: &[Vec<u8>]) -> Unseen {
    let Some(file) = files.iter().find(|file| is_protected(file)) else {
        let detail = format!("nothing can be loaded into `{name}`");
        return Unseen { kind: "static", detail, warning: None };
    };
    let protected = String::from_utf8_lossy(file).into_owned();
    let runs = if protected == name { String::new() } else { format!(", which runs `{name}`") };
    Unseen {
        kind: "protected",
        detail: format!("macOS loads no library into `{protected}`{runs}"),
        warning: Some(format!(
            "macOS protects `{protected}`{runs}: what it and its children read and write is not recorded; \
             put Homebrew's or a virtual environment's programs first on PATH, or name a script's interpreter \
             on the command line"
        )),
    }
}

/// Whether a file is protected, wherever links lead. One that can't be found is not.
fn is_protected(path: &[u8]) -> bool {
    let whole = std::fs::canonicalize(OsStr::from_bytes(path));
    whole.is_ok_and(|path| protection::is_protected(path.as_os_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<Vec<u8>> {
        paths.iter().map(|path| path.as_bytes().to_vec()).collect()
    }

    #[test]
    fn test_protected_program_is_named_with_the_way_round_it() {
        let unseen = explain("/usr/bin/env", &paths(&["/usr/bin/env"]));
        assert_eq!(unseen.kind, "protected");
        assert_eq!(unseen.detail, "macOS loads no library into `/usr/bin/env`");
        let warning = unseen.warning.unwrap();
        assert!(warning.starts_with("macOS protects `/usr/bin/env`: "), "{warning}");
        assert!(warning.contains("Homebrew") && !warning.contains('\n'), "{warning}");
    }

    #[test]
    fn test_script_is_named_with_its_protected_interpreter() {
        let unseen = explain("./configure", &paths(&["/nowhere/configure", "/bin/sh"]));
        assert_eq!(unseen.detail, "macOS loads no library into `/bin/sh`, which runs `./configure`");
    }

    #[test]
    fn test_other_program_is_a_gap_without_a_warning() {
        let own = std::env::current_exe().unwrap();
        let unseen = explain("own", &[own.as_os_str().as_bytes().to_vec()]);
        assert_eq!((unseen.kind, unseen.warning), ("static", None));
    }
}

//! Paths as text: splitting, joining and tidying without asking the filesystem.

/// Directory part and last name. The name is empty where the path ends in a slash, `.` or `..`, or is empty.
pub fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let (directory, name) = match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (&path[..=slash], &path[slash + 1..]),
        None => (&path[..0], path),
    };
    match name {
        b"." | b".." => (path, &path[path.len()..]),
        _ => (directory, name),
    }
}

/// The path without closing slashes (`/` stays).
pub fn without_closing_slashes(path: &[u8]) -> &[u8] {
    let mut end = path.len();
    while end > 1 && path[end - 1] == b'/' {
        end -= 1;
    }
    &path[..end]
}

/// `directory` + `/` + `name`.
pub fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(directory.len() + name.len() + 1);
    whole.extend_from_slice(directory);
    if !name.is_empty() {
        if whole.last() != Some(&b'/') {
            whole.push(b'/');
        }
        whole.extend_from_slice(name);
    }
    whole
}

/// The path made absolute, without `.` and doubled slashes; `..` stays, because a link may come before it.
pub fn absolute(base: &[u8], path: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(base.len() + path.len() + 1);
    if path.first() != Some(&b'/') {
        push_components(&mut whole, base);
    }
    push_components(&mut whole, path);
    if whole.is_empty() {
        whole.push(b'/');
    }
    whole
}

fn push_components(whole: &mut Vec<u8>, path: &[u8]) {
    for component in path.split(|&byte| byte == b'/') {
        if !component.is_empty() && component != b"." {
            whole.push(b'/');
            whole.extend_from_slice(component);
        }
    }
}

/// What an absolute path would be if no component were a link: `..` taken away with what precedes it.
pub fn without_parents(path: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(path.len());
    for component in path.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => pop(&mut whole),
            _ => {
                whole.push(b'/');
                whole.extend_from_slice(component);
            }
        }
    }
    if whole.is_empty() {
        whole.push(b'/');
    }
    whole
}

/// Takes the last component of an absolute path away; the result may be empty, meaning the root.
pub fn pop(path: &mut Vec<u8>) {
    let slash = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    path.truncate(slash);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_split_gives_directory_and_name() {
        assert_eq!(split(b"a/b"), (&b"a/"[..], &b"b"[..]));
        assert_eq!(split(b"/b"), (&b"/"[..], &b"b"[..]));
        assert_eq!(split(b"b"), (&b""[..], &b"b"[..]));
    }

    #[test]
    fn test_split_gives_no_name_when_the_path_must_be_a_directory() {
        for path in [&b"a/"[..], b"..", b"a/..", b"."] {
            assert_eq!(split(path), (path, &b""[..]));
        }
    }

    #[test]
    fn test_absolute_keeps_parents_and_drops_dots() {
        assert_eq!(absolute(b"/w", b"./a//../b"), b"/w/a/../b");
        assert_eq!(absolute(b"/w", b"/x/./y"), b"/x/y");
        assert_eq!(absolute(b"/", b"y"), b"/y");
        assert_eq!(without_parents(b"/w/a/../b"), b"/w/b");
        assert_eq!(without_parents(b"/.."), b"/");
    }
}

//! What the library must not change for the programs that it is loaded into.
#![allow(clippy::unwrap_used)]

mod common;

use common::Scratch;
use std::process::Command;

impl Scratch {
    /// Compiles a C program or library in this folder.
    fn compile(&self, name: &str, source: &str, options: &[&str]) {
        let file = self.path(&format!("{name}.c"));
        std::fs::write(&file, source).unwrap();
        let mut gcc = Command::new("gcc");
        gcc.current_dir(&self.0).arg("-w").arg("-o").arg(name).arg(file).args(options);
        assert!(gcc.status().unwrap().success());
    }

    fn said(&self, options: &[&str], script: &str) -> String {
        String::from_utf8(self.tracer(options, script).output().unwrap().stdout).unwrap()
    }
}

#[test]
fn test_environment_shows_nothing_of_the_tracer() {
    let scratch = Scratch::new();
    let script =
        "env | grep -c -e ROAR_ -e LD_PRELOAD; LD_PRELOAD=  sh -c 'env | grep -c ROAR_; cat in > out'";
    std::fs::write(scratch.path("in"), "x").unwrap();
    assert_eq!(scratch.said(&[], script), "0\n0\n");
    assert_eq!(scratch.file("in").unwrap()["read"], true);
}

#[test]
fn test_preload_of_the_user_stays() {
    let scratch = Scratch::new();
    scratch.compile("own.so", "int getuid(void) { return 4711; }", &["-shared", "-fPIC"]);
    let script = "LD_PRELOAD=$PWD/own.so sh -c 'echo $LD_PRELOAD; sh -c \"id -ru\"'";
    let own = format!("{}\n4711\n", scratch.path("own.so").display());
    assert_eq!(scratch.said(&[], script), own);
    assert_eq!(scratch.file("own.so").unwrap()["read"], true);
}

#[test]
fn test_library_needs_no_newer_glibc_than_2_17() {
    let scratch = Scratch::new();
    let script = "path=$(tr '\\0' '\\n' < /proc/$$/environ | sed -n 's/^LD_PRELOAD=//p'); \
                  grep -ao 'GLIBC_[0-9.]*' $path | sort -u";
    let versions = scratch.said(&[], script);
    let minor = |version: &str| version.strip_prefix("GLIBC_2.")?.split('.').next()?.parse::<u32>().ok();
    assert!(versions.lines().count() > 0, "{versions}");
    assert!(versions.lines().all(|version| minor(version).is_some_and(|minor| minor <= 17)), "{versions}");
}

#[test]
fn test_dlopen_looks_where_its_caller_says() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("lib")).unwrap();
    scratch.compile("lib/libplug.so", "int plug = 1;", &["-shared", "-fPIC"]);
    let source = "#include <dlfcn.h>\nint main() { return dlopen(\"libplug.so\", RTLD_NOW) ? 0 : 3; }";
    scratch.compile("program", source, &["-Wl,-rpath,$ORIGIN/lib", "-ldl"]);
    assert_eq!(scratch.run("./program").status.code(), Some(0));
    assert_eq!(scratch.file("lib/libplug.so").unwrap()["read"], true);
}

#[test]
fn test_thread_cancelled_in_open_unwinds() {
    let scratch = Scratch::new();
    let source = r#"
        #include <fcntl.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <sys/stat.h>
        #include <unistd.h>
        static void clean(void *x) { puts("cleaned"); }
        static void *wait(void *x) {
          pthread_cleanup_push(clean, 0);
          open("fifo", O_RDONLY);
          pthread_cleanup_pop(0);
          return 0;
        }
        int main() {
          pthread_t t; void *r;
          mkfifo("fifo", 0600);
          pthread_create(&t, 0, wait, 0);
          pthread_cancel(t);
          pthread_join(t, &r);
          return r == PTHREAD_CANCELED ? 0 : 3;
        }"#;
    scratch.compile("program", source, &["-lpthread"]);
    let output = scratch.run("./program");
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"cleaned\n"[..]));
}

#[test]
fn test_errno_and_results_are_the_calls_own() {
    let scratch = Scratch::new();
    let source = r#"
        #include <errno.h>
        #include <fcntl.h>
        #include <spawn.h>
        #include <stdio.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        extern char **environ;
        #define SAY(x) do { errno = 77; long r = (long)(x); printf("%ld %d\n", r < 0 ? r : 0, errno); } while (0)
        int main() {
          char *a[] = {"x", 0}; int p;
          SAY(open("in", O_RDONLY)); SAY(open("none", O_RDONLY)); SAY(open("in", O_CREAT | O_EXCL, 0600));
          SAY(rename("none", "x")); SAY(rename("in", "moved")); SAY(unlink("none")); SAY(chdir("none"));
          SAY(truncate("none", 1)); SAY(link("moved", "moved")); SAY(execv("none", a)); SAY(execvp("none", a));
          SAY(execl("moved", "moved", (char *)0)); SAY(posix_spawn(&p, "none", 0, 0, a, environ));
          SAY(fopen("none", "r")); SAY(syscall(SYS_openat, -100, "none", 0)); SAY(close(open("out", O_WRONLY | O_CREAT, 0600)));
        }"#;
    scratch.compile("program", source, &["-D_GNU_SOURCE"]);
    let bare = |scratch: &Scratch| {
        std::fs::write(scratch.path("in"), "x").unwrap();
        let _ = std::fs::remove_file(scratch.path("out"));
        let _ = std::fs::remove_file(scratch.path("moved"));
    };
    bare(&scratch);
    let alone = Command::new(scratch.path("program")).current_dir(&scratch.0).output().unwrap();
    bare(&scratch);
    let observed = scratch.run("./program");
    assert_eq!(String::from_utf8_lossy(&observed.stdout), String::from_utf8_lossy(&alone.stdout));
    assert!(!alone.stdout.is_empty());
}

#[test]
fn test_shells_of_the_c_library_are_observed_and_leave_the_environment_alone() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x\n").unwrap();
    let source = r#"
        #include <stdio.h>
        #include <stdlib.h>
        int main() {
          char line[9] = "";
          FILE *f = popen("cat in", "r");
          fgets(line, 9, f);
          pclose(f);
          system("cat in > out");
          return getenv("LD_PRELOAD") || getenv("ROAR_PRELOAD") || line[0] != 'x';
        }"#;
    scratch.compile("program", source, &[]);
    assert_eq!(scratch.run("./program").status.code(), Some(0));
    assert_eq!(scratch.file("out").unwrap()["written"], true);
    assert!(scratch.gaps().is_empty());
}

#[test]
fn test_files_that_a_child_is_to_open_are_seen_when_posix_spawn_starts_it() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x\n").unwrap();
    let source = r#"
        #include <fcntl.h>
        #include <spawn.h>
        #include <sys/wait.h>
        extern char **environ;
        int main() {
          char *a[] = {"cat", 0}; int p, status = 9;
          posix_spawn_file_actions_t first;
          posix_spawn_file_actions_init(&first);
          posix_spawn_file_actions_addopen(&first, 0, "in", O_RDONLY, 0);
          posix_spawn_file_actions_addopen(&first, 1, "out", O_WRONLY | O_CREAT, 0600);
          posix_spawn(&p, "/bin/cat", &first, 0, a, environ);
          waitpid(p, &status, 0);
          return status;
        }"#;
    scratch.compile("program", source, &[]);
    assert_eq!(scratch.run("./program").status.code(), Some(0));
    assert_eq!(scratch.file("in").unwrap()["read"], true);
    assert_eq!(scratch.file("out").unwrap()["written"], true);
}

#[test]
fn test_calls_made_by_number_are_seen_like_those_by_name() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x\n").unwrap();
    let source = r#"
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <signal.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        #ifdef SYS_open
        #define OPEN(...) syscall(SYS_open, __VA_ARGS__)
        #define CREATE(path) syscall(SYS_creat, path, 0600)
        #define RENAME(from, to) syscall(SYS_rename, from, to)
        #define LINK(from, to) syscall(SYS_link, from, to)
        #define UNLINK(path) syscall(SYS_unlink, path)
        #else
        #define OPEN(...) syscall(SYS_openat, AT_FDCWD, __VA_ARGS__)
        #define CREATE(path) OPEN(path, O_WRONLY | O_CREAT | O_TRUNC, 0600)
        #define RENAME(from, to) syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0)
        #define LINK(from, to) syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)
        #define UNLINK(path) syscall(SYS_unlinkat, AT_FDCWD, path, 0)
        #endif
        int main() {
          int status = 9;
          if (OPEN("in", O_RDONLY) < 0 || CREATE("made") < 0 || CREATE("gone") < 0) return 1;
          if (RENAME("made", "moved") || LINK("moved", "linked") || UNLINK("gone")) return 2;
          if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) _exit(OPEN("child", O_WRONLY | O_CREAT, 0600) < 0);
          wait(&status);
          return status;
        }"#;
    scratch.compile("program", source, &[]);
    assert_eq!(scratch.run("./program").status.code(), Some(0));
    assert_eq!(scratch.file("in").unwrap()["read"], true);
    for written in ["moved", "linked", "child"] {
        assert_eq!(scratch.file(written).unwrap()["written"], true, "{written}");
    }
    assert!(scratch.file("made").is_none());
    assert!(scratch.gaps().is_empty());
}

#[test]
fn test_program_under_a_sanitizer_runs_and_is_observed() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x\n").unwrap();
    let source = "#include <stdio.h>\nint main() { return !fopen(\"in\", \"r\"); }";
    scratch.compile("program", source, &["-fsanitize=address"]);
    assert_eq!(scratch.run("ASAN_OPTIONS=detect_leaks=0 ./program").status.code(), Some(0));
    assert_eq!(scratch.file("in").unwrap()["read"], true);
}

#[test]
fn test_list_of_libraries_is_the_same() {
    let scratch = Scratch::new();
    let listed = scratch.said(&[], "ldd /bin/ls");
    assert!(listed.contains("libc.so.6") && !listed.contains("/proc/"), "{listed}");
}

#[test]
fn test_static_program_is_a_gap_where_filters_are_not_wanted() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x\n").unwrap();
    let source = "#include <stdio.h>\nint main() { return !fopen(\"in\", \"r\"); }";
    scratch.compile("program", source, &["-static"]);
    assert!(scratch.tracer(&["--static", "no"], "./program").status().unwrap().success());
    assert_eq!(scratch.gaps(), ["static"]);
    assert!(scratch.run("./program").status.success());
    assert!(scratch.gaps().is_empty());
    assert_eq!(scratch.file("in").unwrap()["read"], true);
}

#[test]
fn test_static_program_goes_on_when_the_tracer_is_killed() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x\n").unwrap();
    let source = r#"
        #include <stdio.h>
        #include <unistd.h>
        int main() {
          fclose(fopen("pid", "w"));
          while (access("go", F_OK)) usleep(2000);
          return fopen("in", "r") ? 5 : 6;
        }"#;
    scratch.compile("program", source, &["-static"]);
    let mut front = scratch.tracer(&[], "./program; echo $? > status").spawn().unwrap();
    common::wait_for("the program", || scratch.path("pid").exists().then_some(()));
    common::send_signal(common::tracer_of(front.id() as i32), libc::SIGKILL);
    std::fs::write(scratch.path("go"), "").unwrap();
    front.wait().unwrap();
    common::wait_for("its end", || {
        std::fs::read_to_string(scratch.path("status")).ok().filter(|status| status == "5\n")
    });
}

#[test]
fn test_programs_of_the_system_are_protected_on_macos() {
    use roar_preload::protection::is_protected;
    for path in ["/bin/sh", "/sbin/mount", "/usr/bin/env", "/usr/sbin/chown", "/System/Library/x"] {
        assert!(is_protected(path.as_bytes()), "{path}");
    }
    for path in ["/usr/local/bin/python3", "/opt/homebrew/bin/bash", "/Users/me/bin/sh", "/usrs/x", "bin/sh"]
    {
        assert!(!is_protected(path.as_bytes()), "{path}");
    }
}

#[test]
fn test_links_are_followed_in_a_folder_that_many_files_are_read_from() {
    use std::os::unix::fs::MetadataExt;
    let scratch = Scratch::new();
    let folder = scratch.path("d");
    std::fs::create_dir(&folder).unwrap();
    for number in 10..40 {
        std::fs::write(folder.join(number.to_string()), "x").unwrap();
    }
    std::os::unix::fs::symlink("17", folder.join("link")).unwrap();
    // The links of a folder that has just changed are not relied upon.
    let changed = folder.metadata().unwrap();
    common::wait_for("a folder that has not just changed", || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let changed_ns = changed.ctime() as u128 * 1_000_000_000 + changed.ctime_nsec() as u128;
        (now.as_nanos() > changed_ns + 25_000_000).then_some(())
    });
    let script = "cat d/?? > /dev/null; cat d/link > /dev/null; ln -s 18 d/later; cat d/later > /dev/null";
    assert!(scratch.run(script).status.success());
    for (name, link) in [("d/17", "d/link"), ("d/18", "d/later")] {
        let names = scratch.file(name).unwrap()["names"].clone();
        assert_eq!(names, serde_json::json!([scratch.path(link).to_str().unwrap()]), "{name}");
    }
    let is_read = |name: &str| scratch.file(name).is_some_and(|file| file["read"] == true);
    assert!(!is_read("d/link") && !is_read("d/later"));
}

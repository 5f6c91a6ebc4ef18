//! The command line of a tracer program.

use std::ffi::OsStr;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// When a report is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// When every descendant has gone.
    All,
    /// When the command has gone; half a second later if descendants live.
    Command,
}

/// How system calls are caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Auto,
    /// seccomp user notification.
    Notify,
    /// seccomp user notification, every process attached to as well (needed under Yama).
    Attach,
    /// ptrace stops.
    Trace,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub report: PathBuf,
    pub wait: WaitFor,
    pub control: Option<RawFd>,
    pub lock: Option<RawFd>,
    /// Files that were only read are not looked at when the report is closed.
    pub passes_over_inputs: bool,
    pub preserve_limit: u64,
    pub keep: Option<PathBuf>,
    /// What the run is called; told to the runs inside it.
    pub uid: Option<String>,
    pub mode: Mode,
    pub ignore: Vec<Vec<u8>>,
    /// Size of the ring that events come through.
    pub ring_bytes: u64,
    /// Whether the preload tracer may put static programs under a filter.
    pub filter_static: bool,
    pub command: Vec<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub enum Request {
    Probe,
    Help,
    Version,
    Run(Box<Options>),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    #[error("unknown option: `{0}`")]
    UnknownOption(String),
    #[error("option `{0}` needs a value")]
    NoValue(String),
    #[error("option `{0}` can't be `{1}`")]
    BadValue(String, String),
    #[error("`--report FILE` is missing")]
    NoReport,
    #[error("no command is given after `--`")]
    NoCommand,
}

pub const USAGE: &str = "\
usage: PROGRAM --probe
       PROGRAM --report FILE [options] -- COMMAND...
options:
  --wait all|command       when the report is closed (all)
  --control FD             a socket to the program that plays the front
  --lock FD                a descriptor to keep open until the report is closed
  --after all|written      whose state at the end is told: every file's, or what was written or removed (all)
  --preserve-limit BYTES   largest file that is digested before the job overwrites it (268435456)
  --keep DIRECTORY         keep the bytes of such files there too
  --uid UID                what the run is called, told to the runs inside it
  --mode auto|notify|attach|trace   how system calls are caught (auto)
  --ignore PREFIX          a location to count only; may be repeated
  --static yes|no          preload: observe static programs by a filter (yes)
  --ring-bytes BYTES       preload, ebpf: memory for unread events (67108864)
";

const PRESERVE_LIMIT: u64 = 256 << 20;
const RING_BYTES: u64 = 64 << 20;

/// Parses the arguments after the program's name.
pub fn parse(arguments: &[Vec<u8>]) -> Result<Request, UsageError> {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut report = None;
    let mut options = Options {
        report: PathBuf::new(),
        wait: WaitFor::All,
        control: None,
        lock: None,
        passes_over_inputs: false,
        preserve_limit: PRESERVE_LIMIT,
        keep: None,
        uid: None,
        mode: Mode::Auto,
        ignore: Vec::new(),
        ring_bytes: RING_BYTES,
        filter_static: true,
        command: Vec::new(),
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (name, inline) = match argument.iter().position(|&byte| byte == b'=') {
            Some(equals) if argument.starts_with(b"--") => {
                (&argument[..equals], Some(&argument[equals + 1..]))
            }
            _ => (&argument[..], None),
        };
        match name {
            b"--probe" => return Ok(Request::Probe),
            b"--help" | b"-h" => return Ok(Request::Help),
            b"--version" => return Ok(Request::Version),
            b"--" => {
                options.command = rest.cloned().collect();
                break;
            }
            b"--report" | b"--wait" | b"--control" | b"--lock" | b"--after" | b"--preserve-limit"
            | b"--keep" | b"--uid" | b"--mode" | b"--ignore" | b"--static" | b"--ring-bytes" => {}
            _ => return Err(UsageError::UnknownOption(shown(argument))),
        }
        let value = match inline {
            Some(value) => value,
            None => rest.next().ok_or_else(|| UsageError::NoValue(shown(name)))?,
        };
        let bad = || UsageError::BadValue(shown(name), shown(value));
        let number = || shown(value).parse::<u64>().map_err(|_| bad());
        let descriptor = || shown(value).parse::<RawFd>().ok().filter(|&fd| fd >= 0).ok_or_else(bad);
        let path = || PathBuf::from(OsStr::from_bytes(value));
        match name {
            b"--report" => report = Some(path()),
            b"--wait" => options.wait = wait_for(value).ok_or_else(bad)?,
            b"--control" => options.control = Some(descriptor()?),
            b"--lock" => options.lock = Some(descriptor()?),
            b"--after" => options.passes_over_inputs = all_or_written(value).ok_or_else(bad)?,
            b"--preserve-limit" => options.preserve_limit = number()?,
            b"--keep" => options.keep = Some(path()),
            b"--uid" => options.uid = Some(shown(value)),
            b"--mode" => options.mode = mode(value).ok_or_else(bad)?,
            b"--static" => options.filter_static = yes_or_no(value).ok_or_else(bad)?,
            b"--ring-bytes" => options.ring_bytes = number()?,
            _ => options.ignore.push(value.to_vec()),
        }
    }
    options.report = report.ok_or(UsageError::NoReport)?;
    if options.command.is_empty() {
        return Err(UsageError::NoCommand);
    }
    Ok(Request::Run(Box::new(options)))
}

fn wait_for(value: &[u8]) -> Option<WaitFor> {
    match value {
        b"all" => Some(WaitFor::All),
        b"command" => Some(WaitFor::Command),
        _ => None,
    }
}

fn all_or_written(value: &[u8]) -> Option<bool> {
    match value {
        b"all" => Some(false),
        b"written" => Some(true),
        _ => None,
    }
}

fn yes_or_no(value: &[u8]) -> Option<bool> {
    match value {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

fn mode(value: &[u8]) -> Option<Mode> {
    match value {
        b"auto" => Some(Mode::Auto),
        b"notify" => Some(Mode::Notify),
        b"attach" => Some(Mode::Attach),
        b"trace" => Some(Mode::Trace),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &str) -> Result<Request, UsageError> {
        parse(&words.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn test_parse_takes_everything_after_the_dashes_as_command() {
        let Ok(Request::Run(options)) =
            parse_words("--report r --wait=command --ignore /a --ignore /b -- x --probe")
        else {
            panic!("not a run");
        };
        assert_eq!(options.command, [b"x".to_vec(), b"--probe".to_vec()]);
        assert_eq!(options.wait, WaitFor::Command);
        assert_eq!(options.ignore.len(), 2);
    }

    #[test]
    fn test_parse_names_what_is_wrong() {
        assert_eq!(parse_words("--nonsense").err(), Some(UsageError::UnknownOption("--nonsense".into())));
        assert_eq!(parse_words("--report r --").err(), Some(UsageError::NoCommand));
        assert_eq!(parse_words("-- x").err(), Some(UsageError::NoReport));
        assert_eq!(
            parse_words("--report r --mode fast -- x").err(),
            Some(UsageError::BadValue("--mode".into(), "fast".into()))
        );
    }
}

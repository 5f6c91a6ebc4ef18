//! `--probe`: whether the BPF programs can be loaded here, found out by loading them.

use crate::kernel::Kernel;
use crate::kernel_types;
use roar_launch::probe::Availability;

const OLDEST: (u32, u32) = (5, 17);
const CAP_SYS_ADMIN: u32 = 21;
const CAP_PERFMON: u32 = 38;
const CAP_BPF: u32 = 39;

/// What the kernel and this process's capabilities allow.
pub fn find() -> Availability {
    let refuse = |reason: String, hint: &str| Availability {
        usable: false,
        reason: Some(reason),
        hint: Some(hint.to_owned()),
    };
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    if version(&release).is_some_and(|version| version < OLDEST) {
        let reason = format!("the kernel is {}, and Linux 5.17 is needed", release.trim());
        return refuse(reason, "roar run --tracer preload, or --tracer ptrace");
    }
    if !std::path::Path::new(kernel_types::PATH).exists() {
        let reason = format!("the kernel does not describe its types: `{}`", kernel_types::PATH);
        return refuse(reason, "a kernel with CONFIG_DEBUG_INFO_BTF, or --tracer preload");
    }
    if !may_load() {
        let reason = "loading BPF programs needs CAP_BPF and CAP_PERFMON".to_owned();
        return refuse(reason, "roar tracer enable ebpf");
    }
    match Kernel::load(0) {
        Ok(_) => Availability { usable: true, ..Availability::default() },
        Err(error) => {
            let hint = "in a container: `--cap-add BPF --cap-add PERFMON`, and let seccomp pass bpf(2)";
            refuse(format!("{error:#}"), hint)
        }
    }
}

/// The first two numbers of a kernel's release.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|character: char| !character.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn may_load() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.and_then(|text| u64::from_str_radix(text.trim(), 16).ok()).unwrap_or(0);
    let has = |capability: u32| effective >> capability & 1 == 1;
    has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_version_is_read_from_any_release() {
        assert_eq!(version("6.18.44-fc-v595\n"), Some((6, 18)));
        assert_eq!(version("5.17.0"), Some((5, 17)));
        assert_eq!(version("odd"), None);
    }
}

// Who makes a call, and whether it is one of ours.
#pragma once
#include "maps.h"

// A process id as the tracer's namespace counts it.
static __always_inline u32 process_of(struct task_struct *task) {
  struct shared *state = shared();
  u32 level = state ? state->level : 0;
  if (!level) return BPF_CORE_READ(task, tgid);
  struct pid *pid = BPF_CORE_READ(task, signal, pids[1]);
  if (BPF_CORE_READ(pid, level) < level) return 0;
  int number = 0;
  u64 at = bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);
  bpf_probe_read_kernel(&number, sizeof number, (void *)pid + at);
  return number;
}

// The process id of the caller.
static __always_inline u32 this_process(void) {
  struct shared *state = shared();
  if (state && state->level) return process_of((void *)bpf_get_current_task());
  return bpf_get_current_pid_tgid() >> 32;
}

static __always_inline struct member *member(u32 process) {
  struct member *found = bpf_map_lookup_elem(&tracked, &process);
  return found && !found->ignored ? found : 0;
}

static __always_inline struct header header(u32 kind, u32 process, u32 image) {
  return (struct header){.kind = kind, .process = process, .image = image, .time_ns = bpf_ktime_get_ns()};
}

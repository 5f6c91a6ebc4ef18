// Which files a rename or unlink in progress touches: their inodes get a new ctime, and that is told (Linux 6.13).
// By the time the call is done nothing leads to a removed or displaced file any more.
#pragma once
#include "files.h"
#include "processes.h"
#include "registers.h"

struct changes {
  u32 count;
  u32 unused;
  struct change one[2];
};
// By thread.
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, struct changes);
} in_progress SEC(".maps");

static __always_inline u32 this_thread(void) { return (u32)bpf_get_current_pid_tgid(); }

static __always_inline int is_kept(u32 call) {
  return call == RENAME || call == RENAMEAT || call == UNLINK || call == UNLINKAT;
}

// The call that this thread is in.
static __always_inline u32 current_call(void) {
  struct task_struct *task = bpf_get_current_task_btf();
  struct pt_regs *registers = registers_of(task);
  return call_of(number_of(registers), is_narrow(registers, task));
}

static __always_inline int changed(struct inode *inode) {
  if (!is_kept(current_call())) return 0;
  char copy[128] __attribute__((aligned(8)));
  COPY(copy, inode);
  u16 mode = TAKE(copy, inode, inode, i_mode);
  if ((mode & S_IFMT) == S_IFDIR || !member(this_process())) return 0;
  struct changes fresh = {}, *kept;
  u32 thread = this_thread();
  kept = bpf_map_lookup_elem(&in_progress, &thread);
  if (!kept) {
    bpf_map_update_elem(&in_progress, &thread, &fresh, BPF_ANY);
    kept = bpf_map_lookup_elem(&in_progress, &thread);
    if (!kept) return 0;
  }
  struct change change = {.inode = TAKE(copy, inode, inode, i_ino),
                          .size = TAKE(copy, inode, inode, i_size),
                          .device = BPF_CORE_READ(inode, i_sb, s_dev),
                          .mode = mode};
  read_times(&copy, inode, &change.mtime_ns, &change.ctime_ns);
  if (kept->count == 0) {
    kept->one[0] = change;
    kept->count = 1;
  } else if (kept->count == 1 && kept->one[0].inode != change.inode) {
    kept->one[1] = change;
    kept->count = 2;
  }
  return 0;
}

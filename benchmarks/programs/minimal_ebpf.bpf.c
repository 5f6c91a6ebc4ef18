// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// The least that BPF programs can do: tell the path of each file that a followed process opens or runs, once a file.
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stddef.h>
#define MOST_PATH 4096
#define MOST_NAME 256

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct pt_regs {
  unsigned long orig_ax;
};
struct qstr {
  const unsigned char *name;
};
struct super_block {
  __u32 s_dev;
};
struct inode {
  __u16 i_mode;
  struct super_block *i_sb;
  unsigned long i_ino;
};
struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
};
struct vfsmount {
  struct dentry *mnt_root;
};
struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
};
struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};
struct file {
  struct path f_path;
  struct inode *f_inode;
};
struct fdtable {
  unsigned int max_fds;
  struct file **fd;
};
struct files_struct {
  struct fdtable *fdt;
};
struct task_struct {
  int pid, tgid;
  struct files_struct *files;
};
struct linux_binprm {
  struct file *file;
};
#pragma clang attribute pop

struct event {
  __u32 process, length;
  char path[MOST_PATH + MOST_NAME];
};
struct key {
  __u64 inode;
  __u32 device, is_run;
};
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 16 << 20);
} ring SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct event);
} scratch SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u32);
  __type(value, __u32);
} followed SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct key);
  __type(value, __u32);
} told SEC(".maps");
char LICENSE[] SEC("license") = "GPL";

struct climb {
  struct dentry *dentry;
  struct mount *mount;
  __u32 length;
};

// One name of the path, the last one first.
static long climb_one(__u32 index, struct climb *climb) {
  __u32 zero = 0;
  struct mount *mount = climb->mount;
  struct dentry *dentry = climb->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
  if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
    struct mount *above = BPF_CORE_READ(mount, mnt_parent);
    if (above == mount) return 1;
    climb->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
    climb->mount = above;
    return 0;
  }
  struct event *event = bpf_map_lookup_elem(&scratch, &zero);
  if (!event || dentry == parent || climb->length >= MOST_PATH) return 1;
  char *to = event->path + (climb->length & (MOST_PATH - 1));
  long length = bpf_probe_read_kernel_str(to, MOST_NAME, BPF_CORE_READ(dentry, d_name.name));
  if (length <= 0) return 1;
  climb->length += length;
  climb->dentry = parent;
  return 0;
}

static __always_inline int tell(struct file *file, __u32 process, __u32 is_run) {
  struct inode *inode = BPF_CORE_READ(file, f_inode);
  __u32 zero = 0, one = 1;
  if ((BPF_CORE_READ(inode, i_mode) & 0170000) != 0100000) return 0;
  struct key key = {BPF_CORE_READ(inode, i_ino), BPF_CORE_READ(inode, i_sb, s_dev), is_run};
  struct event *event = bpf_map_lookup_elem(&scratch, &zero);
  if (!event || bpf_map_lookup_elem(&told, &key)) return 0;
  bpf_map_update_elem(&told, &key, &one, BPF_ANY);
  struct vfsmount *mounted = BPF_CORE_READ(file, f_path.mnt);
  struct mount *mount = (void *)mounted - bpf_core_field_offset(struct mount, mnt);
  struct climb climb = {BPF_CORE_READ(file, f_path.dentry), mount, 0};
  bpf_loop(128, climb_one, &climb, 0);
  __u32 length = climb.length;
  if (length > MOST_PATH) return 0;
  event->process = process;
  event->length = length;
  bpf_ringbuf_output(&ring, event, offsetof(struct event, path) + length, 0);
  return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_call, struct pt_regs *registers, long result) {
  unsigned long call = registers->orig_ax; // open, creat, openat, openat2 of x86-64
  if (result < 0 || (call != 2 && call != 85 && call != 257 && call != 437)) return 0;
  __u32 process = bpf_get_current_pid_tgid() >> 32;
  if (!bpf_map_lookup_elem(&followed, &process)) return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  struct file *file = 0;
  if (result >= BPF_CORE_READ(table, max_fds)) return 0;
  bpf_probe_read_kernel(&file, sizeof file, BPF_CORE_READ(table, fd) + result);
  return file ? tell(file, process, 0) : 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child) {
  __u32 from = parent->tgid, to = child->tgid, one = 1;
  if (from != to && bpf_map_lookup_elem(&followed, &from)) bpf_map_update_elem(&followed, &to, &one, BPF_ANY);
  return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old, struct linux_binprm *program) {
  __u32 process = task->tgid;
  return bpf_map_lookup_elem(&followed, &process) ? tell(program->file, process, 1) : 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_end, struct task_struct *task) {
  __u32 process = task->tgid;
  if (task->pid == task->tgid) bpf_map_delete_elem(&followed, &process);
  return 0;
}

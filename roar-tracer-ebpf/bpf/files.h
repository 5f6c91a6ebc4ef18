// What is told of an open file.
#pragma once
#include "paths.h"

// Kernel state that looks like files: proc, sysfs, cgroup2, cgroup, debugfs, tracefs, securityfs, bpf, configfs,
// selinuxfs, nsfs, devpts, sockfs, pipefs, anon_inodefs.
static __always_inline int is_pseudo(u64 magic) {
  switch (magic) {
    case 0x9fa0: case 0x62656572: case 0x63677270: case 0x27e0eb: case 0x64626720: case 0x74726163:
    case 0x73636673: case 0xcafe4a11: case 0x62656570: case 0xf97cff8c: case 0x6e736673: case 0x1cd1:
    case 0x534f434b: case 0x50495045: case 0x09041934:
      return 1;
  }
  return 0;
}

// tmpfs, ramfs, hugetlbfs: writing through a mapping may leave the times alone.
static __always_inline int is_in_memory(u64 magic) {
  return magic == 0x01021994 || magic == 0x858458f6 || magic == 0x958458f6;
}

static __always_inline s64 in_ns(s64 seconds, s64 rest) { return seconds * 1000000000ll + rest; }

#define QUERIED (1u << 31) // a flag of multigrain timestamps

static __always_inline void read_times(struct inode *inode, s64 *mtime_ns, s64 *ctime_ns) {
  if (bpf_core_field_exists(inode->i_mtime_sec)) {
    *mtime_ns = in_ns(BPF_CORE_READ(inode, i_mtime_sec), BPF_CORE_READ(inode, i_mtime_nsec));
    *ctime_ns = in_ns(BPF_CORE_READ(inode, i_ctime_sec), BPF_CORE_READ(inode, i_ctime_nsec) & ~QUERIED);
    return;
  }
  struct inode___plain *plain = (void *)inode;
  struct inode___prefixed *prefixed = (void *)inode;
  struct timespec64 changed = {}, modified = {};
  if (bpf_core_field_exists(plain->i_mtime))
    modified = BPF_CORE_READ(plain, i_mtime);
  else
    modified = BPF_CORE_READ(prefixed, __i_mtime);
  if (bpf_core_field_exists(plain->i_ctime))
    changed = BPF_CORE_READ(plain, i_ctime);
  else
    changed = BPF_CORE_READ(prefixed, __i_ctime);
  *mtime_ns = in_ns(modified.tv_sec, modified.tv_nsec);
  *ctime_ns = in_ns(changed.tv_sec, changed.tv_nsec);
}

static __always_inline struct file *file_of(s32 descriptor) {
  struct task_struct *task = (void *)bpf_get_current_task();
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  struct file *file = 0;
  if (descriptor < 0 || descriptor >= BPF_CORE_READ(table, max_fds)) return 0;
  bpf_probe_read_kernel(&file, sizeof file, BPF_CORE_READ(table, fd) + descriptor);
  return file;
}

// A regular file that has a name and is no state of the kernel.
static __always_inline int is_recorded(struct file *file, struct inode *inode) {
  return (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFREG && BPF_CORE_READ(inode, i_nlink) &&
         !is_pseudo(BPF_CORE_READ(inode, i_sb, s_magic));
}

// Fills `part`; its directory is 0 where the path could not be told. Gives how many of its bytes are to be told.
__noinline u32 describe(u64 address, struct file_part *part) {
  if (!part) return 0;
  struct file *file = (void *)address;
  struct inode *inode = BPF_CORE_READ(file, f_inode);
  struct place place = place_of((void *)file + bpf_core_field_offset(struct file, f_path));
  struct dentry *dentry = place.dentry;
  struct mount *mount = place.mount;
  for (int crossed = 0; crossed < 4; crossed++) { // a file may be mounted itself
    if (dentry != BPF_CORE_READ(mount, mnt.mnt_root)) break;
    if (!cross(&dentry, &mount)) break;
  }
  part->inode = BPF_CORE_READ(inode, i_ino);
  part->size = BPF_CORE_READ(inode, i_size);
  part->device = BPF_CORE_READ(inode, i_sb, s_dev);
  part->mode = BPF_CORE_READ(inode, i_mode);
  s64 mtime_ns = 0, ctime_ns = 0;
  read_times(inode, &mtime_ns, &ctime_ns);
  part->mtime_ns = mtime_ns;
  part->ctime_ns = ctime_ns;
  long length = bpf_probe_read_kernel_str(part->name, sizeof part->name, BPF_CORE_READ(dentry, d_name.name));
  part->length = length > 0 ? length - 1 : 0;
  part->directory = know_directory((u64)BPF_CORE_READ(dentry, d_parent), (u64)mount);
  return offsetof(struct file_part, name) + (part->length & 255);
}

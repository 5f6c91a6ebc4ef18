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

// Of an inode, whose first bytes are in `copy`.
static __always_inline void read_times(char (*copy)[128], struct inode *inode, s64 *mtime_ns, s64 *ctime_ns) {
  if (bpf_core_field_exists(inode->i_mtime_sec)) {
    *mtime_ns = in_ns(TAKE(*copy, inode, inode, i_mtime_sec), TAKE(*copy, inode, inode, i_mtime_nsec));
    *ctime_ns = in_ns(TAKE(*copy, inode, inode, i_ctime_sec), TAKE(*copy, inode, inode, i_ctime_nsec) & ~QUERIED);
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

// An open file of the caller. (Global, so that the verifier looks at it once. Its pointers are read as plain numbers: for
// each that is followed by its type the kernel compares the names of all its types, which takes it a millisecond.)
__noinline u64 file_of(s32 descriptor) {
  struct task_struct *task = (void *)bpf_get_current_task();
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  char start[16] __attribute__((aligned(8)));
  u64 file = 0;
  COPY(start, table);
  if (descriptor < 0 || descriptor >= TAKE(start, table, fdtable, max_fds)) return 0;
  bpf_probe_read_kernel(&file, sizeof file, TAKE(start, table, fdtable, fd) + descriptor);
  return file;
}

static __always_inline void look_at_file(struct looked *looked, struct file *file) {
  looked->address = (u64)file;
  COPY(looked->file, file);
  COPY(looked->dentry, TAKE(looked->file, file, file, f_path.dentry));
}

static __always_inline struct super_block *super_of(struct looked *looked) {
  return TAKE(looked->inode, TAKE(looked->file, looked->address, file, f_inode), inode, i_sb);
}

static __always_inline void look_at_inode(struct looked *looked) {
  struct inode *inode = TAKE(looked->file, looked->address, file, f_inode);
  COPY(looked->inode, inode);
  COPY(looked->super, super_of(looked));
}

static __always_inline u64 magic_of(struct looked *looked) {
  return TAKE(looked->super, super_of(looked), super_block, s_magic);
}

// Whether it is a regular file that has a name and is no state of the kernel.
static __always_inline int is_recorded(struct looked *looked) {
  struct inode *inode = TAKE(looked->file, looked->address, file, f_inode);
  return (TAKE(looked->inode, inode, inode, i_mode) & S_IFMT) == S_IFREG &&
         TAKE(looked->inode, inode, inode, i_nlink) && !is_pseudo(magic_of(looked));
}

// Fills `part` from what has been looked at, all but its directory. Gives how many of its bytes are to be told. (Global,
// so that the verifier looks at it once.)
__noinline u32 describe(struct file_part *part) {
  struct scratch *out = scratch(FOR_EVENT);
  if (!part || !out) return 0;
  struct looked *looked = &out->looked;
  struct file *file = (void *)looked->address;
  struct inode *inode = TAKE(looked->file, file, file, f_inode);
  struct vfsmount *mounted = TAKE(looked->file, file, file, f_path.mnt);
  struct mount *mount = (void *)mounted - bpf_core_field_offset(struct mount, mnt);
  struct climb climb = climb_from(TAKE(looked->file, file, file, f_path.dentry), mount);
  for (int crossed = 0; crossed < 4; crossed++) { // a file may be mounted itself
    if (climb.dentry != climb.root || !cross(&climb)) break;
    COPY(looked->dentry, climb.dentry);
  }
  part->inode = TAKE(looked->inode, inode, inode, i_ino);
  part->size = TAKE(looked->inode, inode, inode, i_size);
  part->device = TAKE(looked->super, super_of(looked), super_block, s_dev);
  part->mode = TAKE(looked->inode, inode, inode, i_mode);
  s64 mtime_ns = 0, ctime_ns = 0;
  read_times(&looked->inode, inode, &mtime_ns, &ctime_ns);
  part->mtime_ns = mtime_ns;
  part->ctime_ns = ctime_ns;
  long length = bpf_probe_read_kernel_str(part->name, sizeof part->name,
                                          TAKE(looked->dentry, climb.dentry, dentry, d_name.name));
  part->length = length > 0 ? length - 1 : 0;
  looked->directory = (u64)TAKE(looked->dentry, climb.dentry, dentry, d_parent);
  looked->mount = (u64)climb.mount;
  return offsetof(struct file_part, name) + (part->length & 255);
}

// The directory of the file that was described, as `part` is to have it: 0 where its path could not be told. (Asked for
// by who described it, since older kernels have 512 bytes of stack for all functions that are being called.)
static __always_inline u64 directory_of(struct looked *looked) {
  return know_directory(looked->directory, looked->mount);
}

// The parts of kernel types that are looked at. Where they lie is settled when the program is loaded (CO-RE), by the
// running kernel's own description of its types, so that one build serves every kernel from 5.17 on.
#pragma once
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#ifdef __TARGET_ARCH_x86
struct pt_regs {
  unsigned long r10, r8, bx, cx, dx, si, di, orig_ax;
};
#else
struct pt_regs {
  u64 regs[31];
  u64 pstate;
  u64 orig_x0;
  s32 syscallno;
};
#endif
struct qstr {
  union {
    struct {
      u32 hash;
      u32 len;
    };
    u64 hash_len;
  };
  const unsigned char *name;
};
struct super_block {
  u32 s_dev;
  unsigned long s_magic;
};
struct timespec64 {
  s64 tv_sec;
  long tv_nsec;
};
struct inode {
  u16 i_mode;
  struct super_block *i_sb;
  unsigned long i_ino;
  unsigned int i_nlink;
  s64 i_size;
  // From 6.11 on.
  s64 i_mtime_sec, i_ctime_sec;
  u32 i_mtime_nsec, i_ctime_nsec;
};
// Until 6.10, with new names from 6.7 on (ctime: from 6.6 on).
struct inode___plain {
  struct timespec64 i_mtime, i_ctime;
};
struct inode___prefixed {
  struct timespec64 __i_mtime, __i_ctime;
};
struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
  struct inode *d_inode;
};
struct vfsmount {
  struct dentry *mnt_root;
};
struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
  int mnt_id;
};
struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};
struct file {
  u32 f_mode;
  u32 f_flags;
  struct inode *f_inode;
  struct path f_path;
};
struct fdtable {
  unsigned int max_fds;
  struct file **fd;
};
struct files_struct {
  struct fdtable *fdt;
};
struct fs_struct {
  struct path root, pwd;
};
struct upid {
  int nr;
};
struct pid {
  unsigned int level;
  struct upid numbers[1];
};
typedef struct {
  int counter;
} atomic_t;
struct signal_struct {
  atomic_t live;
  int group_exit_code;
  unsigned int flags;
  struct pid *pids[2];
};
struct thread_info {
  u32 status;
};
struct mm_struct {
  unsigned long arg_start, arg_end;
};
struct task_struct {
  struct thread_info thread_info;
  int tgid, pid;
  int exit_code;
  struct task_struct *group_leader;
  struct fs_struct *fs;
  struct files_struct *files;
  struct signal_struct *signal;
  struct mm_struct *mm;
};
struct linux_binprm {
  struct file *file;
  const char *filename;
};
struct filename {
  const char *name;
};
struct open_how {
  u64 flags;
};
struct io_open {
  u32 file_slot;
  struct open_how how;
};
struct io_rename {
  int old_dfd, new_dfd;
  struct filename *oldpath, *newpath;
  int flags;
};
struct io_link {
  int old_dfd, new_dfd;
  struct filename *oldpath, *newpath;
  int flags;
};
struct io_unlink {
  int dfd, flags;
  struct filename *filename;
};
struct io_cqe {
  s32 res;
};
struct io_kiocb {
  u8 opcode;
  struct io_cqe cqe;
};

#pragma clang attribute pop

#define FMODE_READ 1u
#define FMODE_WRITE 2u
#define FMODE_CREATED (1u << 20)
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFDIR 0040000
#define O_WRONLY 01u
#define O_RDWR 02u
#define O_CREAT 0100u
#define O_TRUNC 01000u
#define O_PATH 010000000u
#define AT_FDCWD (-100)
#define AT_EMPTY_PATH 0x1000
#define TS_COMPAT 2u
#define SIGNAL_GROUP_EXIT 4u

// Each read of kernel memory costs as much as a dozen instructions. So a structure's first bytes are copied at once, and
// fields are taken from the copy; one that lies further back on some kernel is read by itself.
#define COPY(to, address) bpf_probe_read_kernel(to, sizeof(to), (void *)(address))
#define TAKE(copy, address, type, field)                                         \
  ({                                                                             \
    typeof(((struct type *)0)->field) value;                                     \
    u32 offset = bpf_core_field_offset(struct type, field);                      \
    if (offset + sizeof value <= sizeof(copy))                                   \
      value = *(typeof(value) *)((copy) + offset);                               \
    else                                                                         \
      bpf_probe_read_kernel(&value, sizeof value, (void *)(address) + offset);   \
    value;                                                                       \
  })

// The path of a directory, walked from its dentry to the top mount: exact, whatever the caller's root, working
// directory or spelling.
#pragma once
#include "maps.h"

#define MOST_LEVELS 2048

struct place {
  struct dentry *dentry;
  struct mount *mount;
};

struct climb {
  struct dentry *dentry;
  struct mount *mount;
  struct dentry *root; // of the mount
  u64 mark;
};

static __always_inline struct place place_of(struct path *path) {
  struct place place;
  struct vfsmount *mount = BPF_CORE_READ(path, mnt);
  place.dentry = BPF_CORE_READ(path, dentry);
  place.mount = (void *)mount - bpf_core_field_offset(struct mount, mnt);
  return place;
}

static __always_inline struct climb climb_from(struct dentry *dentry, struct mount *mount) {
  return (struct climb){dentry, mount, BPF_CORE_READ(mount, mnt.mnt_root), 1};
}

// Leaves the root of a mount for the place where it is mounted. 0 if there is nothing above.
static __always_inline int cross(struct climb *climb) {
  char mount[64] __attribute__((aligned(8)));
  COPY(mount, climb->mount);
  struct mount *above = TAKE(mount, climb->mount, mount, mnt_parent);
  if (above == climb->mount) return 0;
  climb->dentry = TAKE(mount, climb->mount, mount, mnt_mountpoint);
  climb->mount = above;
  climb->root = BPF_CORE_READ(above, mnt.mnt_root);
  return 1;
}

static __always_inline u64 mix(u64 mark, u64 value) {
  mark ^= value;
  mark *= 0x9e3779b97f4a7c15ull;
  return mark ^ (mark >> 29);
}

// One level up, taking its name into the fingerprint.
static long mark_level(u32 index, struct climb *climb) {
  struct dentry *here = climb->dentry;
  if (here == climb->root) {
    climb->mark = mix(climb->mark, (u64)climb->mount);
    return !cross(climb);
  }
  char dentry[64] __attribute__((aligned(8)));
  COPY(dentry, here);
  struct dentry *above = TAKE(dentry, here, dentry, d_parent);
  if (above == here) return 1;
  climb->mark = mix(mix(climb->mark, (u64)here), TAKE(dentry, here, dentry, d_name.hash_len));
  climb->dentry = above;
  return 0;
}

// One level up, copying its name. (The offset lies in a map: the verifier would follow it value by value elsewhere.)
static long copy_level(u32 index, struct climb *climb) {
  struct dentry *here = climb->dentry;
  if (here == climb->root) return !cross(climb);
  struct dentry *above = BPF_CORE_READ(here, d_parent);
  if (above == here) return 1;
  struct scratch *out = scratch(FOR_DIRECTORY);
  if (!out) return 1;
  u32 offset = out->directory.length;
  if (offset > MOST_TEXT - 256) {
    out->directory.header.detail = 1;
    return 1;
  }
  barrier_var(offset); // before Linux 6.2 what was checked is forgotten of a value that is put aside
  long length = bpf_probe_read_kernel_str(out->directory_text + (offset & (MOST_TEXT - 1)), 256,
                                          BPF_CORE_READ(here, d_name.name));
  if (length <= 0) return 1;
  out->directory.length = offset + length;
  climb->dentry = above;
  return 0;
}

// The fingerprint of a directory, whose path the tracer knows then. 0 if it could not be told. (Global, so that the
// verifier looks at it once.)
__noinline u64 know_directory(u64 dentry, u64 mount) {
  struct climb climb = climb_from((void *)dentry, (void *)mount);
  bpf_loop(MOST_LEVELS, mark_level, &climb, 0);
  u64 mark = climb.mark;
  if (bpf_map_lookup_elem(&told, &mark)) return mark;
  struct scratch *out = scratch(FOR_DIRECTORY);
  if (!out) return 0;
  out->directory.header = (struct header){.kind = DIRECTORY};
  out->directory.directory = mark;
  out->directory.length = 0;
  struct climb copy = climb_from((void *)dentry, (void *)mount);
  bpf_loop(MOST_LEVELS, copy_level, &copy, 0);
  u64 length = out->directory.length;
  barrier_var(length); // what is checked is what is used
  struct mount *top = copy.mount;
  out->directory.mount = BPF_CORE_READ(top, mnt_id);
  if (out->directory.header.detail || length > MOST_TEXT) return 0;
  if (tell(&out->directory, sizeof(struct directory_event) + length)) return 0;
  u8 one = 1;
  bpf_map_update_elem(&told, &mark, &one, BPF_ANY);
  return mark;
}

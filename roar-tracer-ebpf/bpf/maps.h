#pragma once
#include "events.h"

#define MOST_TEXT 16384

// A tracked process.
struct member {
  u32 image; // which program image it runs: counted here, or given by the tracer
  u32 ignored;
};
// By process id, as the tracer's own namespace counts.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct member);
} tracked SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 16 << 20);
} events SEC(".maps");

// Directories whose path has been told.
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, u64);
  __type(value, u8);
} told SEC(".maps");

// Opens for reading that have been told, and when.
struct seen_key {
  u64 dentry;
  u64 parent;
  u64 inode;
  u64 name;
  u64 image;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, struct seen_key);
  __type(value, u64);
} seen SEC(".maps");

// Calls asked for through an io_uring, until they are done. By request.
struct uring_call {
  u64 number;
  s32 descriptor[2];
  char text[2][MOST_PATH];
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u64);
  __type(value, struct uring_call);
} asked SEC(".maps");

// What a call is to be told by.
struct request {
  u32 process;
  u32 image;
  u32 call; // or how a file was opened: OPENED, MAPPED
  u32 flags;
  u64 descriptors; // one or two
  u64 paths[2];
  u64 number;
};

// The first bytes of an open file and of what it leads to.
struct looked {
  u64 address; // of the file
  u64 directory, mount; // of what was described
  char file[128] __attribute__((aligned(8)));
  char dentry[64] __attribute__((aligned(8)));
  char inode[128] __attribute__((aligned(8)));
  char super[128] __attribute__((aligned(8)));
};

// One at a time on a processor: tracepoints run without preemption.
struct scratch {
  struct request request;
  struct looked looked;
  union {
    struct {
      struct directory_event directory;
      char directory_text[MOST_TEXT + 256];
    };
    struct file_event file;
    struct named_event named;
    struct executed_event executed;
    struct uring_call call;
  };
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 3);
  __type(key, u32);
  __type(value, struct scratch);
} scratches SEC(".maps");
enum { FOR_DIRECTORY, FOR_EVENT, FOR_CALL };

struct shared {
  u64 lost;      // events that found no room
  u32 level;     // of the tracer's process-id namespace
  u32 tells_changes; // set by the tracer: changes.h works here
  u64 root;      // its root directory
  u32 images;    // how many have been counted
};
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct shared);
} shared_state SEC(".maps");

// Not 0 while the tracer has been woken and has not come yet.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u64);
} bell SEC(".maps");

static __always_inline struct shared *shared(void) {
  u32 zero = 0;
  return bpf_map_lookup_elem(&shared_state, &zero);
}

static __always_inline struct scratch *scratch(u32 which) { return bpf_map_lookup_elem(&scratches, &which); }

// Hands an event over; the tracer is woken by the first one after it has asked for that. 0 where there was room.
static __always_inline long tell(void *event, u64 size) {
  u32 zero = 0;
  u64 *rung = bpf_map_lookup_elem(&bell, &zero);
  u64 wake = BPF_RB_NO_WAKEUP;
  if (rung && !*rung) {
    *rung = 1;
    wake = BPF_RB_FORCE_WAKEUP;
  }
  long failed = bpf_ringbuf_output(&events, event, size, wake);
  struct shared *state = shared();
  if (failed && state) __sync_fetch_and_add(&state->lost, 1);
  return failed;
}

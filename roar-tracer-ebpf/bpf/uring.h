// What is asked for through an io_uring: noted when it is handed in, told when it is done.
#pragma once
#include "calls.h"
#include "files.h"

enum operation { URING_OPENAT = 18, URING_OPENAT2 = 28, URING_RENAMEAT = 35, URING_UNLINKAT = 36, URING_LINKAT = 39 };

static __always_inline void copy_name(char *to, struct filename *name) {
  if (bpf_probe_read_kernel_str(to, MOST_PATH, BPF_CORE_READ(name, name)) <= 0) *to = 0;
}

// Keeps the names of a request that names paths: they are gone when it is done.
static __always_inline void keep_names(struct io_kiocb *request, u32 operation) {
  struct scratch *kept = scratch(FOR_CALL);
  u64 key = (u64)request;
  if (!kept) return;
  struct uring_call *call = &kept->call;
  struct io_rename *rename = (void *)request;
  struct io_link *link = (void *)request;
  struct io_unlink *unlink = (void *)request;
  switch (operation) {
    case URING_RENAMEAT:
      call->number = BPF_CORE_READ(rename, flags);
      call->descriptor[0] = BPF_CORE_READ(rename, old_dfd);
      call->descriptor[1] = BPF_CORE_READ(rename, new_dfd);
      copy_name(call->text[0], BPF_CORE_READ(rename, oldpath));
      copy_name(call->text[1], BPF_CORE_READ(rename, newpath));
      break;
    case URING_LINKAT:
      call->number = BPF_CORE_READ(link, flags);
      call->descriptor[0] = BPF_CORE_READ(link, old_dfd);
      call->descriptor[1] = BPF_CORE_READ(link, new_dfd);
      copy_name(call->text[0], BPF_CORE_READ(link, oldpath));
      copy_name(call->text[1], BPF_CORE_READ(link, newpath));
      break;
    case URING_UNLINKAT:
      call->number = BPF_CORE_READ(unlink, flags);
      call->descriptor[0] = BPF_CORE_READ(unlink, dfd);
      copy_name(call->text[0], BPF_CORE_READ(unlink, filename));
      break;
    default: return;
  }
  bpf_map_update_elem(&asked, &key, call, BPF_ANY);
}

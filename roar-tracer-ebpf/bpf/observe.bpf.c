// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Watches one tree of processes: what they open, run, rename and remove. Everything is looked at when it has happened.
#include "changes.h"
#include "uring.h"

char LICENSE[] SEC("license") = "GPL";

// A number that only this tracer knows: by it the tracer is told from others.
const volatile u64 secret = 0;

#define AGAIN_NS 100000000ull // an open for reading is told again after this long, for the order of events

// Whether this open was told a moment ago.
static __always_inline int was_seen(struct file *file, struct inode *inode, u32 image, u64 now) {
  struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
  struct seen_key key = {(u64)dentry, (u64)BPF_CORE_READ(dentry, d_parent), (u64)inode,
                         BPF_CORE_READ(dentry, d_name.hash_len), image};
  u64 *last = bpf_map_lookup_elem(&seen, &key);
  if (last && now - *last < AGAIN_NS) return 1;
  bpf_map_update_elem(&seen, &key, &now, BPF_ANY);
  return 0;
}

__noinline int opened(s32 descriptor, u32 flags, u32 kind) {
  struct task_struct *task = (void *)bpf_get_current_task();
  u32 process = process_of(task);
  struct member *who = member(process);
  if (!who || flags & O_PATH) return 0;
  struct file *file = file_of(descriptor);
  if (!file) return 0;
  struct inode *inode = BPF_CORE_READ(file, f_inode);
  if (!is_recorded(file, inode)) return 0;
  if (kind == MAPPED && !is_in_memory(BPF_CORE_READ(inode, i_sb, s_magic))) return 0;
  u32 mode = BPF_CORE_READ(file, f_mode);
  u32 image = who->image;
  struct header head = header(kind, process, image);
  int plain = kind == OPENED && !(mode & (FMODE_WRITE | FMODE_CREATED)) && !(flags & O_TRUNC);
  if (plain && was_seen(file, inode, image, head.time_ns)) return 0;
  struct scratch *out = scratch(FOR_EVENT);
  if (!out) return 0;
  struct file_event *event = (void *)out;
  event->header = head;
  u32 length = describe((u64)file, &event->file);
  event->file.flags = (BPF_CORE_READ(file, f_flags) & ~(O_CREAT | O_TRUNC | CREATED)) | (flags & O_TRUNC) |
                      (mode & FMODE_CREATED ? CREATED : 0);
  tell(event, sizeof(struct header) + (length & 1023));
  return 0;
}

// A string of the caller, which the kernel has just read: it is in memory.
static __always_inline u32 copy_text(char *to, u64 from) {
  long length = bpf_probe_read_user_str(to, MOST_PATH, (void *)from);
  return length > 0 ? length : 0;
}

static __always_inline u32 copy_kernel_text(char *to, const void *from) {
  long length = bpf_probe_read_kernel_str(to, MOST_PATH, from);
  return length > 0 ? length : 0;
}

// The directory that a path starts from.
static __always_inline u64 start_of(s32 descriptor, char first) {
  struct task_struct *task = (void *)bpf_get_current_task();
  struct fs_struct *fs = BPF_CORE_READ(task, fs);
  struct path *path = (void *)fs + bpf_core_field_offset(struct fs_struct, pwd);
  if (first == '/')
    path = (void *)fs + bpf_core_field_offset(struct fs_struct, root);
  else if (descriptor != AT_FDCWD) {
    struct file *file = file_of(descriptor);
    if (!file) return 0;
    path = (void *)file + bpf_core_field_offset(struct file, f_path);
  }
  struct place place = place_of(path);
  return know_directory((u64)place.dentry, (u64)place.mount);
}

#define OF_URING 0x100 // the paths were kept when the request came; `one` is its key

static u64 packed(s32 one, s32 other) { return (u64)(u32)one | (u64)(u32)other << 32; }

// A call that names paths has succeeded. `descriptors`: two, for the two paths at `one` and `other`.
__noinline int named(u32 call, u64 descriptors, u64 one, u64 other, u64 number) {
  u32 process = process_of((void *)bpf_get_current_task());
  struct member *who = member(process);
  struct scratch *out = scratch(FOR_EVENT);
  if (!who || !out) return 0;
  struct named_event *event = &out->named;
  struct uring_call *kept = call & OF_URING ? bpf_map_lookup_elem(&asked, &one) : 0;
  event->header = header(NAMED, process, who->image);
  event->header.detail = call & ~OF_URING;
  event->number = number;
  u32 thread = this_thread();
  struct changes *changes = bpf_map_lookup_elem(&in_progress, &thread);
  struct shared *state = shared();
  event->changed = state && state->tells_changes && !kept ? 0 : NOT_KNOWN;
  if (changes) {
    event->changed = changes->count;
    event->changes[0] = changes->one[0];
    event->changes[1] = changes->one[1];
    bpf_map_delete_elem(&in_progress, &thread);
  }
  u32 first = kept ? copy_kernel_text(event->text, kept->text[0]) : copy_text(event->text, one), second = 0;
  if (first > MOST_PATH) return 0;
  event->start[0] = start_of((s32)descriptors, event->text[0]);
  event->start[1] = 0;
  if (other) {
    char *text = event->text + (first & (MOST_PATH - 1));
    second = kept ? copy_kernel_text(text, kept->text[1]) : copy_text(text, other);
    event->start[1] = start_of((s32)(descriptors >> 32), *text);
  }
  event->length[0] = first;
  event->length[1] = second;
  tell(event, offsetof(struct named_event, text) + ((first + second) & (2 * MOST_PATH - 1)));
  return 0;
}

static __noinline int out_of_sight(u32 detail) {
  u32 process = process_of((void *)bpf_get_current_task());
  struct member *who = member(process);
  if (!who) return 0;
  struct header event = header(OUT_OF_SIGHT, process, who->image);
  event.detail = detail;
  tell(&event, sizeof event);
  return 0;
}

// The tracer shows itself: how it counts processes, and where its paths end.
__noinline int mark(u64 shown) {
  struct shared *state = shared();
  if (!state || !secret || shown != secret) return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  state->level = BPF_CORE_READ(task, signal, pids[1], level);
  struct fs_struct *fs = BPF_CORE_READ(task, fs);
  struct place place = place_of((void *)fs + bpf_core_field_offset(struct fs_struct, root));
  state->root = know_directory((u64)place.dentry, (u64)place.mount);
  return 0;
}

static __always_inline int serve(u32 call, struct arguments *a, long result) {
  struct open_how how = {};
  switch (call) {
    case OPEN: return opened(result, a->at[1], OPENED);
    case OPENAT: return opened(result, a->at[2], OPENED);
    case CREAT: return opened(result, O_TRUNC | O_WRONLY, OPENED);
    case OPEN_HANDLE: return opened(result, a->at[2], OPENED);
    case OPENAT2:
      bpf_probe_read_user(&how, sizeof how, (void *)a->at[2]);
      return opened(result, how.flags, OPENED);
    case MAP: // PROT_WRITE, MAP_SHARED, not MAP_ANONYMOUS
      if (!(a->at[2] & 2) || !(a->at[3] & 1) || a->at[3] & 0x20) return 0;
      return opened(a->at[4], 0, MAPPED);
    case RENAME:
    case LINK:
      return named(call == LINK ? LINKAT : RENAMEAT, packed(AT_FDCWD, AT_FDCWD), a->at[0],
                   a->at[1], 0);
    case RENAMEAT:
    case LINKAT:
      return named(call, packed(a->at[0], a->at[2]), a->at[1], a->at[3], a->at[4]);
    case UNLINK:
      return named(call, packed(AT_FDCWD, 0), a->at[0], 0, 0);
    case UNLINKAT: return named(UNLINK, packed(a->at[0], 0), a->at[1], 0, 0);
    case SETUP_URING: return out_of_sight(1);
    case MARK: return mark(a->at[1]);
    case TRUNCATE: return named(call, packed(AT_FDCWD, 0), a->at[0], 0, a->at[1]);
  }
  return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_call, struct pt_regs *registers, long result) {
  u64 number = number_of(registers);
  if (number >= CALLS || !calls[number]) return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  int narrow = is_narrow(registers, task);
  u32 call = call_of(number, narrow);
  if (result < 0 && result > -4096) {
    u32 thread = this_thread();
    if (is_kept(call)) bpf_map_delete_elem(&in_progress, &thread);
    if (call != MARK) return 0;
  }
  struct arguments arguments = arguments_of(registers, narrow);
  return serve(call, &arguments, result);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child) {
  if (BPF_CORE_READ(parent, tgid) == BPF_CORE_READ(child, tgid)) return 0;
  u32 process = process_of(parent), born = process_of(child);
  struct member *who = bpf_map_lookup_elem(&tracked, &process);
  if (!who) return 0;
  struct member copy = *who;
  struct shared *state = shared();
  if (bpf_map_update_elem(&tracked, &born, &copy, BPF_ANY) && state) __sync_fetch_and_add(&state->lost, 1);
  struct header event = header(FORKED, born, copy.image);
  event.detail = process;
  tell(&event, sizeof event);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task) {
  if (BPF_CORE_READ(task, signal, live.counter)) return 0;
  u32 process = process_of(task);
  struct member *who = bpf_map_lookup_elem(&tracked, &process);
  if (!who) return 0;
  struct header event = header(EXITED, process, who->image);
  bpf_map_delete_elem(&tracked, &process);
  struct signal_struct *signal = BPF_CORE_READ(task, signal);
  event.detail = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(signal, group_exit_code)
                                                                  : BPF_CORE_READ(task, group_leader, exit_code);
  tell(&event, sizeof event);
  return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old, struct linux_binprm *program) {
  u32 process = process_of(task);
  struct member *who = bpf_map_lookup_elem(&tracked, &process);
  struct shared *state = shared();
  struct scratch *out = scratch(FOR_EVENT);
  if (!who || !state || !out) return 0;
  struct executed_event *event = &out->executed;
  u32 before = who->image;
  who->image = __sync_fetch_and_add(&state->images, 1) + 1;
  event->header = header(EXECUTED, process, who->image);
  event->header.detail = before;
  describe((u64)BPF_CORE_READ(program, file), &event->file);
  event->root = start_of(AT_FDCWD, '/');
  event->current = start_of(AT_FDCWD, '.');
  u32 length = copy_kernel_text(event->text, BPF_CORE_READ(program, filename));
  event->length = length;
  u64 start = BPF_CORE_READ(task, mm, arg_start), bytes = BPF_CORE_READ(task, mm, arg_end) - start;
  event->argument_bytes = bytes;
  u32 copied = bytes < MOST_ARGUMENTS ? bytes : MOST_ARGUMENTS - 1;
  barrier_var(copied);
  copied &= MOST_ARGUMENTS - 1;
  if (bpf_probe_read_user(event->text + (length & (MOST_PATH - 1)), copied, (void *)start)) copied = 0;
  event->argument_length = copied;
  tell(event, offsetof(struct executed_event, text) + ((length + copied) & 16383));
  return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_uring_request, struct io_kiocb *request) {
  u32 operation = BPF_CORE_READ(request, opcode);
  if (operation < URING_RENAMEAT || operation > URING_LINKAT) return 0;
  if (member(process_of((void *)bpf_get_current_task()))) keep_names(request, operation);
  return 0;
}

// Done by a thread of the process that asked, whoever of them.
SEC("tp_btf/io_uring_complete")
int on_uring_result(u64 *context) {
  struct io_kiocb *request = (void *)context[1];
  u64 key = (u64)request;
  u32 operation = BPF_CORE_READ(request, opcode);
  s32 result = BPF_CORE_READ(request, cqe.res);
  if (operation == URING_OPENAT || operation == URING_OPENAT2) {
    struct io_open *open = (void *)request;
    if (result < 0) return 0;
    if (!BPF_CORE_READ(open, file_slot)) return opened(result, BPF_CORE_READ(open, how.flags), OPENED);
    return out_of_sight(0);
  }
  if (operation < URING_RENAMEAT || operation > URING_LINKAT) return 0;
  struct uring_call *call = bpf_map_lookup_elem(&asked, &key);
  if (!call) return 0;
  u64 descriptors = packed(call->descriptor[0], call->descriptor[1]);
  u64 number = call->number;
  if (result >= 0) {
    if (operation == URING_UNLINKAT)
      named(UNLINK | OF_URING, descriptors, key, 0, 0);
    else
      named((operation == URING_LINKAT ? LINKAT : RENAMEAT) | OF_URING, descriptors, key, 1, number);
  }
  bpf_map_delete_elem(&asked, &key);
  return 0;
}

// The three ways in which a ctime changes.
SEC("tp_btf/ctime_ns_xchg")
int on_change(u64 *context) { return changed((void *)context[0]); }
SEC("tp_btf/ctime_xchg_skip")
int on_no_change(u64 *context) { return changed((void *)context[0]); }
SEC("tp_btf/inode_set_ctime_to_ts")
int on_change_to(u64 *context) { return changed((void *)context[0]); }

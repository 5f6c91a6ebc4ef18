// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Watches one tree of processes: what they open, run, rename and remove. Everything is looked at when it has happened.
#include "changes.h"
#include "uring.h"

char LICENSE[] SEC("license") = "GPL";

// A number that only this tracer knows: by it the tracer is told from others.
const volatile u64 secret = 0;

#define AGAIN_NS 100000000ull // an open for reading is told again after this long, for the order of events

// When this open was told the last time.
static __always_inline u64 *last_told(struct looked *looked, struct seen_key *key, u32 image) {
  struct file *file = (void *)looked->address;
  struct dentry *dentry = TAKE(looked->file, file, file, f_path.dentry);
  *key = (struct seen_key){(u64)dentry, (u64)TAKE(looked->dentry, dentry, dentry, d_parent),
                           (u64)TAKE(looked->file, file, file, f_inode),
                           TAKE(looked->dentry, dentry, dentry, d_name.hash_len), image};
  return bpf_map_lookup_elem(&seen, key);
}

// Tells of a file that was opened or mapped, as the request in FOR_EVENT says. (Global, as tell_naming, so that the
// verifier looks at it once.)
__noinline int tell_opening(void) {
  struct scratch *out = scratch(FOR_EVENT);
  if (!out) return 0;
  struct request *request = &out->request;
  struct looked *looked = &out->looked;
  struct file *file = (void *)file_of(request->descriptors);
  if (!file) return 0;
  look_at_file(looked, file);
  u32 mode = TAKE(looked->file, file, file, f_mode), cut = request->flags & O_TRUNC, kind = request->call;
  struct header head = header(kind, request->process, request->image);
  int plain = kind == OPENED && !(mode & (FMODE_WRITE | FMODE_CREATED)) && !cut;
  struct seen_key key;
  u64 *last = plain ? last_told(looked, &key, head.image) : 0;
  if (last && head.time_ns - *last < AGAIN_NS) return 0;
  look_at_inode(looked);
  if (!is_recorded(looked)) return 0;
  if (kind == MAPPED && !is_in_memory(magic_of(looked))) return 0;
  if (plain) bpf_map_update_elem(&seen, &key, &head.time_ns, BPF_ANY);
  struct file_event *event = &out->file;
  event->header = head;
  u32 length = describe(&event->file);
  event->file.directory = directory_of(looked);
  event->file.flags = (TAKE(looked->file, file, file, f_flags) & ~(O_CREAT | O_TRUNC | CREATED)) | cut |
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

// The directory that a path starts from. (Global, so that the verifier looks at it once.)
__noinline u64 start_of(s32 descriptor, u32 first) {
  struct task_struct *task = (void *)bpf_get_current_task();
  struct fs_struct *fs = BPF_CORE_READ(task, fs);
  struct path *path = (void *)fs + bpf_core_field_offset(struct fs_struct, pwd);
  if (first == '/')
    path = (void *)fs + bpf_core_field_offset(struct fs_struct, root);
  else if (descriptor != AT_FDCWD) {
    struct file *file = (void *)file_of(descriptor);
    if (!file) return 0;
    path = (void *)file + bpf_core_field_offset(struct file, f_path);
  }
  struct place place = place_of(path);
  return know_directory((u64)place.dentry, (u64)place.mount);
}

#define OF_URING 0x100 // the paths were kept when the request came; the first one is its key

static u64 packed(s32 one, s32 other) { return (u64)(u32)one | (u64)(u32)other << 32; }

// Tells of a call that names paths and has succeeded.
__noinline int tell_naming(void) {
  struct scratch *out = scratch(FOR_EVENT);
  if (!out) return 0;
  struct request *request = &out->request;
  struct named_event *event = &out->named;
  u32 call = request->call;
  u64 one = request->paths[0], other = request->paths[1], descriptors = request->descriptors;
  struct uring_call *kept = call & OF_URING ? bpf_map_lookup_elem(&asked, &one) : 0;
  event->header = header(NAMED, request->process, request->image);
  event->header.detail = call & ~OF_URING;
  event->number = request->number;
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
  if (kept) bpf_map_delete_elem(&asked, &one);
  return 0;
}

// The tracer shows itself: how it counts processes, and where its paths end.
static __always_inline void mark(void) {
  struct shared *state = shared();
  if (!state) return;
  struct task_struct *task = (void *)bpf_get_current_task();
  state->level = BPF_CORE_READ(task, signal, pids[1], level);
  state->root = start_of(AT_FDCWD, '/');
}

// Where a member of the tree puts what it asks for; 0 for all others.
static __always_inline struct request *new_request(void) {
  u32 process = this_process();
  struct member *who = member(process);
  struct scratch *out = scratch(FOR_EVENT);
  if (!who || !out) return 0;
  out->request.process = process;
  out->request.image = who->image;
  return &out->request;
}

static __always_inline void ask_opening(struct request *request, s32 descriptor, u32 flags, u32 kind) {
  if (flags & O_PATH) return;
  request->call = kind;
  request->flags = flags;
  request->descriptors = descriptor;
  tell_opening();
}

static __always_inline void ask_naming(struct request *request, u32 call, u64 descriptors, u64 one,
                                       u64 other, u64 number) {
  request->call = call;
  request->descriptors = descriptors;
  request->paths[0] = one;
  request->paths[1] = other;
  request->number = number;
  tell_naming();
}

static __always_inline void out_of_sight(struct request *request, u32 detail) {
  struct header event = header(OUT_OF_SIGHT, request->process, request->image);
  event.detail = detail;
  tell(&event, sizeof event);
}

static __always_inline void serve(struct request *request, u32 call, struct arguments *a, s32 result) {
  struct open_how how = {};
  switch (call) {
    case OPEN: return ask_opening(request, result, a->at[1], OPENED);
    case OPENAT:
    case OPEN_HANDLE: return ask_opening(request, result, a->at[2], OPENED);
    case CREAT: return ask_opening(request, result, O_TRUNC | O_WRONLY, OPENED);
    case OPENAT2:
      bpf_probe_read_user(&how, sizeof how, (void *)a->at[2]);
      return ask_opening(request, result, how.flags, OPENED);
    case MAP: return ask_opening(request, a->at[4], 0, MAPPED);
    case RENAME:
    case LINK:
      return ask_naming(request, call == LINK ? LINKAT : RENAMEAT, packed(AT_FDCWD, AT_FDCWD), a->at[0], a->at[1],
                        0);
    case RENAMEAT:
    case LINKAT:
      return ask_naming(request, call, packed(a->at[0], a->at[2]), a->at[1], a->at[3], a->at[4]);
    case UNLINK: return ask_naming(request, call, packed(AT_FDCWD, 0), a->at[0], 0, 0);
    case UNLINKAT: return ask_naming(request, UNLINK, packed(a->at[0], 0), a->at[1], 0, 0);
    case SETUP_URING: return out_of_sight(request, 1);
    case TRUNCATE: return ask_naming(request, call, packed(AT_FDCWD, 0), a->at[0], 0, a->at[1]);
  }
}

// The end of every system call of every process: what is not to be told leaves without having called a function. (That
// is why it is attached by type: its argument can be read like memory.)
SEC("tp_btf/sys_exit")
int BPF_PROG(on_call, struct pt_regs *registers, long result) {
  u64 number = number_of(registers);
  if (number >= CALLS || !calls[number]) return 0;
  struct task_struct *task = bpf_get_current_task_btf();
  registers = registers_of(task);
  int narrow = is_narrow(registers, task);
  u32 call = call_of(number, narrow);
  struct arguments arguments = arguments_of(registers, number, narrow);
  if (call == MARK) {
    if (secret && arguments.at[1] == secret) mark();
    return 0;
  }
  if (result < 0 && result > -4096) {
    u32 thread = this_thread();
    if (is_kept(call)) bpf_map_delete_elem(&in_progress, &thread);
    return 0;
  }
  // PROT_WRITE, MAP_SHARED, not MAP_ANONYMOUS
  if (call == MAP && (!(arguments.at[2] & 2) || !(arguments.at[3] & 1) || arguments.at[3] & 0x20)) return 0;
  struct request *request = new_request();
  if (request) serve(request, call, &arguments, result);
  return 0;
}

SEC("raw_tp/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child) {
  u32 process = this_process();
  struct member *who = bpf_map_lookup_elem(&tracked, &process);
  if (!who) return 0;
  u32 born = process_of(child);
  if (born == process) return 0; // a thread
  struct member copy = *who;
  struct shared *state = shared();
  if (bpf_map_update_elem(&tracked, &born, &copy, BPF_ANY) && state) __sync_fetch_and_add(&state->lost, 1);
  struct header event = header(FORKED, born, copy.image);
  event.detail = process;
  tell(&event, sizeof event);
  return 0;
}

SEC("raw_tp/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task) {
  u32 process = this_process();
  struct member *who = bpf_map_lookup_elem(&tracked, &process);
  if (!who) return 0;
  struct signal_struct *signal = BPF_CORE_READ(task, signal);
  if (BPF_CORE_READ(signal, live.counter)) return 0;
  struct header event = header(EXITED, process, who->image);
  bpf_map_delete_elem(&tracked, &process);
  event.detail = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(signal, group_exit_code)
                                                                  : BPF_CORE_READ(task, group_leader, exit_code);
  tell(&event, sizeof event);
  return 0;
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old, struct linux_binprm *program) {
  u32 process = this_process();
  struct member *who = bpf_map_lookup_elem(&tracked, &process);
  struct shared *state = shared();
  struct scratch *out = scratch(FOR_EVENT);
  if (!who || !state || !out) return 0;
  struct executed_event *event = &out->executed;
  u32 before = who->image;
  who->image = __sync_fetch_and_add(&state->images, 1) + 1;
  event->header = header(EXECUTED, process, who->image);
  event->header.detail = before;
  look_at_file(&out->looked, BPF_CORE_READ(program, file));
  look_at_inode(&out->looked);
  describe(&event->file);
  event->file.directory = directory_of(&out->looked);
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

SEC("raw_tp/io_uring_submit_req")
int BPF_PROG(on_uring_request, struct io_kiocb *request) {
  u32 operation = BPF_CORE_READ(request, opcode);
  if (operation < URING_RENAMEAT || operation > URING_LINKAT) return 0;
  if (member(this_process())) keep_names(request, operation);
  return 0;
}

// Done by a thread of the process that asked, whoever of them.
SEC("raw_tp/io_uring_complete")
int on_uring_result(u64 *context) {
  struct io_kiocb *done = (void *)context[1];
  u64 key = (u64)done;
  u32 operation = BPF_CORE_READ(done, opcode);
  s32 result = BPF_CORE_READ(done, cqe.res);
  if (operation == URING_OPENAT || operation == URING_OPENAT2) {
    struct io_open *open = (void *)done;
    struct request *request = result < 0 ? 0 : new_request();
    if (!request) return 0;
    if (BPF_CORE_READ(open, file_slot))
      out_of_sight(request, 0);
    else
      ask_opening(request, result, BPF_CORE_READ(open, how.flags), OPENED);
    return 0;
  }
  if (operation < URING_RENAMEAT || operation > URING_LINKAT) return 0;
  struct uring_call *call = bpf_map_lookup_elem(&asked, &key);
  if (!call) return 0;
  struct request *request = result < 0 ? 0 : new_request();
  if (request) {
    u32 which = operation == URING_UNLINKAT ? UNLINK : operation == URING_LINKAT ? LINKAT : RENAMEAT;
    ask_naming(request, which | OF_URING, packed(call->descriptor[0], call->descriptor[1]), key,
               which != UNLINK, call->number);
  }
  bpf_map_delete_elem(&asked, &key);
  return 0;
}

// Attached to the three ways in which a ctime changes; the inode comes first in each.
SEC("raw_tp/ctime_ns_xchg")
int on_change(u64 *context) { return changed((void *)context[0]); }

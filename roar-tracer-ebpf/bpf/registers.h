// A thread's system call, by the registers that it was made with. They are read like memory, without a function of the
// kernel: the running thread's and a tracepoint's own can be. The verifier takes 0.2 ms for each place that does so by
// a pointer that it trusts, as the thread and the tracepoint's are, so these are few.
#pragma once
#include "calls.h"
#include "kernel.h"

struct arguments {
  u64 at[5];
};

#ifdef __TARGET_ARCH_x86

#define X32 0x40000000ul

static __always_inline u64 number_of(struct pt_regs *registers) { return registers->orig_ax & ~X32; }

static __always_inline int is_narrow(struct task_struct *task) {
  return task->thread_info.status & TS_COMPAT;
}

static __always_inline struct arguments arguments_of(struct pt_regs *r, int narrow) {
  if (narrow) return (struct arguments){{(u32)r->bx, (u32)r->cx, (u32)r->dx, (u32)r->si, (u32)r->di}};
  return (struct arguments){{r->di, r->si, r->dx, r->r10, r->r8}};
}

#else

static __always_inline u64 number_of(struct pt_regs *registers) { return (u32)registers->syscallno; }

static __always_inline int is_narrow(struct task_struct *task) { return 0; }

static __always_inline struct arguments arguments_of(struct pt_regs *r, int narrow) {
  return (struct arguments){{r->orig_x0, r->regs[1], r->regs[2], r->regs[3], r->regs[4]}};
}

#endif

static __always_inline struct pt_regs *registers_of(struct task_struct *task) {
  return (struct pt_regs *)bpf_task_pt_regs((void *)task);
}

// What a number means.
static __always_inline u32 call_of(u64 number, struct task_struct *task) {
  u32 call = number < CALLS ? calls[number] : NO_CALL;
  return !call ? NO_CALL : is_narrow(task) ? call >> 4 : call & 15;
}

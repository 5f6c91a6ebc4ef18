// A thread's system call, by the registers that it was made with. They are read like memory, without a function of the
// kernel: the running thread's and a tracepoint's own can be. The verifier takes 0.2 ms for each place that does so by
// a pointer that it trusts, as the thread and the tracepoint's are, so these are few.
#pragma once
#include "calls.h"
#include "kernel.h"

struct arguments {
  u64 at[5];
};

#define TRUNCATE64 193 // of 32-bit programs: its length comes in two registers

#ifdef __TARGET_ARCH_x86

#define X32 0x40000000ul
#define LENGTH 1

static __always_inline u64 number_of(struct pt_regs *registers) { return registers->orig_ax & ~X32; }

static __always_inline int is_narrow(struct pt_regs *registers, struct task_struct *task) {
  return task->thread_info.status & TS_COMPAT;
}

static __always_inline struct arguments words_of(struct pt_regs *r, int narrow) {
  if (narrow) return (struct arguments){{(u32)r->bx, (u32)r->cx, (u32)r->dx, (u32)r->si, (u32)r->di}};
  return (struct arguments){{r->di, r->si, r->dx, r->r10, r->r8}};
}

#else

#define NARROW_MODE 0x10 // of the processor's state: it runs 32-bit code
#define LENGTH 2         // a pair begins at an even register

static __always_inline u64 number_of(struct pt_regs *registers) { return (u32)registers->syscallno; }

static __always_inline int is_narrow(struct pt_regs *registers, struct task_struct *task) {
  return registers->pstate & NARROW_MODE;
}

static __always_inline struct arguments words_of(struct pt_regs *r, int narrow) {
  struct arguments a = {{r->orig_x0, r->regs[1], r->regs[2], r->regs[3], r->regs[4]}};
  if (narrow)
    for (int index = 0; index < 5; index++) a.at[index] = (u32)a.at[index];
  return a;
}

#endif

static __always_inline struct pt_regs *registers_of(struct task_struct *task) {
  return (struct pt_regs *)bpf_task_pt_regs((void *)task);
}

static __always_inline struct arguments arguments_of(struct pt_regs *registers, u64 number, int narrow) {
  struct arguments a = words_of(registers, narrow);
  if (narrow && number == TRUNCATE64) a.at[1] = a.at[LENGTH] | a.at[LENGTH + 1] << 32;
  return a;
}

// What a number means.
static __always_inline u32 call_of(u64 number, int narrow) {
  u32 call = number < CALLS ? calls[number] : NO_CALL;
  return !call ? NO_CALL : narrow ? call >> 4 : call & 15;
}

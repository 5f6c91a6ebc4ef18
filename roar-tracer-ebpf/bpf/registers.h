// A thread's system call, by the registers that it was made with.
#pragma once
#include "calls.h"
#include "kernel.h"

struct arguments {
  u64 at[5];
};

#ifdef __TARGET_ARCH_x86

#define X32 0x40000000ul

static __always_inline u64 number_of(struct pt_regs *registers) { return BPF_CORE_READ(registers, orig_ax) & ~X32; }

static __always_inline int is_narrow(struct task_struct *task) {
  return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline struct arguments arguments_of(struct pt_regs *r, int narrow) {
  if (narrow)
    return (struct arguments){{(u32)BPF_CORE_READ(r, bx), (u32)BPF_CORE_READ(r, cx), (u32)BPF_CORE_READ(r, dx),
                               (u32)BPF_CORE_READ(r, si), (u32)BPF_CORE_READ(r, di)}};
  return (struct arguments){{BPF_CORE_READ(r, di), BPF_CORE_READ(r, si), BPF_CORE_READ(r, dx), BPF_CORE_READ(r, r10),
                             BPF_CORE_READ(r, r8)}};
}

#else

static __always_inline u64 number_of(struct pt_regs *registers) { return (u32)BPF_CORE_READ(registers, syscallno); }

static __always_inline int is_narrow(struct task_struct *task) { return 0; }

static __always_inline struct arguments arguments_of(struct pt_regs *r, int narrow) {
  return (struct arguments){{BPF_CORE_READ(r, orig_x0), BPF_CORE_READ(r, regs[1]), BPF_CORE_READ(r, regs[2]),
                             BPF_CORE_READ(r, regs[3]), BPF_CORE_READ(r, regs[4])}};
}

#endif

// What a number means.
static __always_inline u32 call_of(u64 number, struct task_struct *task) {
  u32 call = number < CALLS ? calls[number] : NO_CALL;
  return !call ? NO_CALL : is_narrow(task) ? call >> 4 : call & 15;
}

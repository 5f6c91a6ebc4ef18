// A thread's system call, by the registers that it was made with.
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

static __always_inline u64 number_of(struct pt_regs *registers) { return BPF_CORE_READ(registers, orig_ax) & ~X32; }

static __always_inline int is_narrow(struct pt_regs *registers, struct task_struct *task) {
  return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline struct arguments registers_of(struct pt_regs *r, int narrow) {
  if (narrow)
    return (struct arguments){{(u32)BPF_CORE_READ(r, bx), (u32)BPF_CORE_READ(r, cx), (u32)BPF_CORE_READ(r, dx),
                               (u32)BPF_CORE_READ(r, si), (u32)BPF_CORE_READ(r, di)}};
  return (struct arguments){{BPF_CORE_READ(r, di), BPF_CORE_READ(r, si), BPF_CORE_READ(r, dx), BPF_CORE_READ(r, r10),
                             BPF_CORE_READ(r, r8)}};
}

#else

#define NARROW_MODE 0x10 // of the processor's state: it runs 32-bit code
#define LENGTH 2         // a pair begins at an even register

static __always_inline u64 number_of(struct pt_regs *registers) { return (u32)BPF_CORE_READ(registers, syscallno); }

static __always_inline int is_narrow(struct pt_regs *registers, struct task_struct *task) {
  return BPF_CORE_READ(registers, pstate) & NARROW_MODE;
}

static __always_inline struct arguments registers_of(struct pt_regs *r, int narrow) {
  struct arguments a = {{BPF_CORE_READ(r, orig_x0), BPF_CORE_READ(r, regs[1]), BPF_CORE_READ(r, regs[2]),
                         BPF_CORE_READ(r, regs[3]), BPF_CORE_READ(r, regs[4])}};
  if (narrow)
    for (int index = 0; index < 5; index++) a.at[index] = (u32)a.at[index];
  return a;
}

#endif

static __always_inline struct arguments arguments_of(struct pt_regs *registers, int narrow) {
  struct arguments a = registers_of(registers, narrow);
  if (narrow && number_of(registers) == TRUNCATE64) a.at[1] = a.at[LENGTH] | a.at[LENGTH + 1] << 32;
  return a;
}

// What a number means.
static __always_inline u32 call_of(u64 number, int narrow) {
  u32 call = number < CALLS ? calls[number] : NO_CALL;
  return narrow ? call >> 4 : call & 15;
}

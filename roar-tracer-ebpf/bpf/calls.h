// The system calls that matter, by number: native in the lower half of a byte, 32-bit in the upper.
#pragma once

enum call {
  NO_CALL,
  OPEN,
  OPENAT,
  CREAT,
  OPENAT2,
  OPEN_HANDLE,
  MAP,
  RENAME,
  RENAMEAT, // and renameat2
  LINK,
  LINKAT,
  UNLINK, // and rmdir
  UNLINKAT,
  SETUP_URING,
  TRUNCATE,
  MARK, // prctl: the tracer shows itself
};
#define NATIVE(call) (call)
#define NARROW(call) ((call) << 4)
#define CALLS 512

#ifdef __TARGET_ARCH_x86
// From the kernel's syscall_64.tbl and syscall_32.tbl.
static const unsigned char calls[CALLS] = {
    [2] = NATIVE(OPEN),
    [5] = NARROW(OPEN),
    [8] = NARROW(CREAT),
    [9] = NATIVE(MAP) | NARROW(LINK),
    [10] = NARROW(UNLINK),
    [38] = NARROW(RENAME),
    [40] = NARROW(UNLINK),
    [76] = NATIVE(TRUNCATE),
    [82] = NATIVE(RENAME),
    [84] = NATIVE(UNLINK),
    [85] = NATIVE(CREAT),
    [86] = NATIVE(LINK),
    [87] = NATIVE(UNLINK),
    [92] = NARROW(TRUNCATE),
    [157] = NATIVE(MARK),
    [192] = NARROW(MAP),
    [193] = NARROW(TRUNCATE),
    [257] = NATIVE(OPENAT),
    [263] = NATIVE(UNLINKAT),
    [264] = NATIVE(RENAMEAT),
    [265] = NATIVE(LINKAT),
    [295] = NARROW(OPENAT),
    [301] = NARROW(UNLINKAT),
    [302] = NARROW(RENAMEAT),
    [303] = NARROW(LINKAT),
    [304] = NATIVE(OPEN_HANDLE),
    [316] = NATIVE(RENAMEAT),
    [342] = NARROW(OPEN_HANDLE),
    [353] = NARROW(RENAMEAT),
    [425] = NATIVE(SETUP_URING) | NARROW(SETUP_URING),
    [437] = NATIVE(OPENAT2) | NARROW(OPENAT2),
};
#else
// From the kernel's generic table, and arm's syscall.tbl (EABI).
static const unsigned char calls[CALLS] = {
    [5] = NARROW(OPEN),
    [8] = NARROW(CREAT),
    [9] = NARROW(LINK),
    [10] = NARROW(UNLINK),
    [35] = NATIVE(UNLINKAT),
    [37] = NATIVE(LINKAT),
    [38] = NATIVE(RENAMEAT) | NARROW(RENAME),
    [40] = NARROW(UNLINK),
    [45] = NATIVE(TRUNCATE),
    [56] = NATIVE(OPENAT),
    [92] = NARROW(TRUNCATE),
    [167] = NATIVE(MARK),
    [192] = NARROW(MAP),
    [193] = NARROW(TRUNCATE),
    [222] = NATIVE(MAP),
    [265] = NATIVE(OPEN_HANDLE),
    [276] = NATIVE(RENAMEAT),
    [322] = NARROW(OPENAT),
    [328] = NARROW(UNLINKAT),
    [329] = NARROW(RENAMEAT),
    [330] = NARROW(LINKAT),
    [371] = NARROW(OPEN_HANDLE),
    [382] = NARROW(RENAMEAT),
    [425] = NATIVE(SETUP_URING) | NARROW(SETUP_URING),
    [437] = NATIVE(OPENAT2) | NARROW(OPENAT2),
};
#endif

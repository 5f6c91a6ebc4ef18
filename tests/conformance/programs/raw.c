// No libc at all (like a Go binary): reads "in", writes "out" by inline-assembly system calls.
#include <fcntl.h>
static long sc(long n, long a, long b, long c, long d) {
  long r;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return r;
}
void _start(void) {
  char b[64];
  int f = sc(257, -100, (long)"in", O_RDONLY, 0);
  long n = sc(0, f, (long)b, 64, 0);
  f = sc(257, -100, (long)"out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  sc(1, f, (long)b, n, 0);
  sc(231, 0, 0, 0, 0);
}

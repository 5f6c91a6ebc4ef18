// minimal_tracer MODE COMMAND…: the floor for a tracer that stops a job at path calls; a seccomp filter
// catches these alone.
//   entry: ptrace, one stop a call, the path read at entry
//   exit: ptrace, a second stop at exit, where /proc/PID/fd gives the exact path
//   notify: seccomp user notification, every call continued
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, __u64)
#endif
static const int NR[] = {SYS_openat,   SYS_open,      SYS_openat2,  SYS_creat, SYS_rename,
                         SYS_renameat, SYS_renameat2, SYS_truncate, SYS_link,  SYS_linkat,
                         SYS_unlink,   SYS_unlinkat,  SYS_chdir,    SYS_fchdir};
static int install(unsigned action, unsigned flags) {
  struct sock_filter f[40] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
  int n = sizeof NR / sizeof *NR, k = 1;
  for (int i = 0; i < n; i++)
    f[k++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NR[i], n - i, 0);
  f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
  struct sock_fprog p = {k, f};
  int r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
  if (r < 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
  }
  return r;
}
static char path[4096], link_[64];
static long n, bytes;
static void rdpath(int pid,
                   unsigned long a) { // page by page: the string may end just before an unmapped page
  unsigned done = 0;
  while (done < sizeof path) {
    unsigned w = 4096 - (a & 4095);
    if (w > sizeof path - done) w = sizeof path - done;
    struct iovec l = {path + done, w}, r = {(void *)a, w};
    int g = process_vm_readv(pid, &l, 1, &r, 1, 0);
    if (g <= 0) return;
    if (memchr(path + done, 0, g)) break;
    done += g;
    a += g;
  }
  n++;
  bytes += strlen(path);
}
static int status(int st) {
  return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}
static int tracer(char **v, int at_exit) {
  int st, root = fork(), rc = 0, first = 1;
  if (!root) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    install(SECCOMP_RET_TRACE, 0);
    execvp(v[0], v);
    _exit(127);
  }
  for (;;) {
    int pid = waitpid(-1, &st, __WALL), sig = 0, how = PTRACE_CONT;
    if (pid < 0) return rc;
    if (WIFEXITED(st) || WIFSIGNALED(st)) {
      if (pid == root) rc = status(st);
      continue;
    }
    if (first) {
      first = 0;
      ptrace(PTRACE_SETOPTIONS, root, 0,
             PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                 PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    } else if (st >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
      struct user_regs_struct r;
      ptrace(PTRACE_GETREGS, pid, 0, &r);
      rdpath(pid, r.orig_rax == SYS_openat || r.orig_rax == SYS_openat2 ? r.rsi : r.rdi);
      if (at_exit) how = PTRACE_SYSCALL;
    } else if (WSTOPSIG(st) == (SIGTRAP | 0x80)) {
      struct user_regs_struct r;
      ptrace(PTRACE_GETREGS, pid, 0, &r);
      if ((long)r.rax >= 0) {
        sprintf(link_, "/proc/%d/fd/%lld", pid, r.rax);
        int k = readlink(link_, path, sizeof path - 1);
        if (k > 0) bytes += k;
      }
    } else if (st >> 16 || WSTOPSIG(st) == SIGSTOP)
      ;
    else
      sig = WSTOPSIG(st);
    ptrace(how, pid, 0, sig);
  }
}
static int notify(char **v) {
  int sp[2], st;
  socketpair(AF_UNIX, SOCK_STREAM, 0, sp);
  int root = fork();
  union {
    struct cmsghdr h;
    char b[CMSG_SPACE(4)];
  } c = {0};
  char x;
  struct iovec io = {&x, 1};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = c.b, .msg_controllen = sizeof c.b};
  if (!root) {
    int f = install(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (f < 0) {
      perror("seccomp");
      _exit(127);
    }
    c.h.cmsg_level = SOL_SOCKET;
    c.h.cmsg_type = SCM_RIGHTS;
    c.h.cmsg_len = CMSG_LEN(4);
    memcpy(CMSG_DATA(&c.h), &f, 4);
    sendmsg(sp[1], &m, 0);
    close(f);
    close(sp[0]);
    close(sp[1]);
    execvp(v[0], v);
    _exit(127);
  }
  int f;
  recvmsg(sp[0], &m, 0);
  memcpy(&f, CMSG_DATA(&c.h), 4);
  if (ioctl(f, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1L))
    perror("sync wake"); // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6
  struct pollfd p = {f, POLLIN, 0};
  for (;;) {
    struct seccomp_notif q;
    memset(&q, 0, sizeof q);
    if (poll(&p, 1, -1) < 0 || (p.revents & POLLHUP)) break;
    if (ioctl(f, SECCOMP_IOCTL_NOTIF_RECV, &q)) continue;
    rdpath(q.pid, q.data.nr == SYS_openat || q.data.nr == SYS_openat2 ? q.data.args[1] : q.data.args[0]);
    struct seccomp_notif_resp a = {.id = q.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(f, SECCOMP_IOCTL_NOTIF_SEND, &a);
  }
  waitpid(root, &st, 0);
  return status(st);
}
int main(int c, char **v) {
  int r = v[1][0] == 'n' ? notify(v + 2) : tracer(v + 2, v[1][1] == 'x');
  if (getenv("MIN_STATS")) fprintf(stderr, "paths %ld\n", n);
  return r;
}

// act NAME [ARG...]: touches files of the current directory in exactly one way; ../cases.py says what must be
// reported. Built four ways: act (dynamic), act_static, act_spie (static-pie), act_suid (dynamic, setuid
// root).
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static char buf[4096];

static char **args;
static char own_path[4096];
static long checked(long r, const char *w) {
  if (r < 0) {
    perror(w);
    _exit(9);
  }
  return r;
}
#define CHECK(x) checked((long)(x), #x)
static void read_all(int fd) {
  CHECK(fd);
  while (read(fd, buf, sizeof buf) > 0)
    ;
}
static void write_data(int fd) {
  CHECK(fd);
  CHECK(write(fd, "data\n", 5));
}
static int open_input(const char *p) {
  return CHECK(open(p, O_RDONLY));
}
static int open_output(const char *p) {
  return CHECK(open(p, O_WRONLY | O_CREAT | O_TRUNC, 0644));
}
static void copy_by_hand(const char *i, const char *o) {
  int f = open_input(i);
  read_all(f);
  close(f);
  f = open_output(o);
  write_data(f);
  close(f);
}
static void reap(int pid) {
  int st;
  CHECK(waitpid(pid, &st, 0));
  if (!WIFEXITED(st) || WEXITSTATUS(st)) _exit(8);
}
#define ACT(n) static void act_##n(void)

ACT(open) {
  copy_by_hand("in", "out");
}

ACT(openat) {
  read_all(openat(AT_FDCWD, "in", O_RDONLY));
  write_data(openat(AT_FDCWD, "out", O_WRONLY | O_CREAT, 0644));
}

ACT(openat2) {
  struct open_how h = {.flags = O_RDONLY};
  read_all(syscall(SYS_openat2, AT_FDCWD, "in", &h, sizeof h));
  h.flags = O_WRONLY | O_CREAT;
  h.mode = 0644;
  write_data(syscall(SYS_openat2, AT_FDCWD, "out", &h, sizeof h));
}

ACT(creat) {
  write_data(creat("out", 0644));
}

ACT(fopen) {
  FILE *f = fopen("in", "r");
  fread(buf, 1, 99, f);
  fclose(f);
  f = fopen("out", "w");
  fputs("x", f);
  fclose(f);
}

ACT(mkstemp) {
  char t[] = "tmpXXXXXX";
  int f = CHECK(mkstemp(t));
  write_data(f);
  close(f);
  CHECK(rename(t, "out"));
}

ACT(mmap_shared_r) {
  int f = open_input("in");
  char *p = mmap(0, 4096, PROT_READ, MAP_SHARED, f, 0);
  close(f);
  volatile char c = *p;
  (void)c;
}

ACT(mmap_private_w) {
  int f = open_input("in");
  char *p = mmap(0, 4096, 3, MAP_PRIVATE, f, 0);
  close(f);
  *p = 'x';
}

ACT(mmap_shared_w) {
  int f = CHECK(open("out", O_RDWR));
  char *p = mmap(0, 4096, 3, MAP_SHARED, f, 0);
  close(f);
  p[1] = 'x';
}

ACT(pread) {
  CHECK(pread(open_input("in"), buf, 9, 0));
  CHECK(pwrite(open_output("out"), "x", 1, 0));
}

ACT(preadv) {
  struct iovec v = {buf, 9};
  CHECK(preadv(open_input("in"), &v, 1, 0));
  CHECK(pwritev(open_output("out"), &v, 1, 0));
}

ACT(copy_file_range) {
  CHECK(copy_file_range(open_input("in"), 0, open_output("out"), 0, 99, 0));
}

ACT(splice) {
  int p[2];
  pipe(p);
  CHECK(splice(open_input("in"), 0, p[1], 0, 99, 0));
  CHECK(splice(p[0], 0, open_output("out"), 0, 99, 0));
}

static struct {
  int fd;
  unsigned *sqt, *sqm, *sqa, *cqh, *cqt, *cqm;
  struct io_uring_sqe *sqe;
  struct io_uring_cqe *cqe;
} U;
static int uring(int op, int fd, const void *addr, unsigned len, unsigned long off, unsigned flags) {
  if (!U.fd) {
    struct io_uring_params q = {0};
    U.fd = CHECK(syscall(SYS_io_uring_setup, 4, &q));
    char *s = mmap(0, q.sq_off.array + 64, 3, MAP_SHARED, U.fd, IORING_OFF_SQ_RING),
         *c = mmap(0, q.cq_off.cqes + 4096, 3, MAP_SHARED, U.fd, IORING_OFF_CQ_RING);
    U.sqe = mmap(0, 4096, 3, MAP_SHARED, U.fd, IORING_OFF_SQES);
    U.sqt = (void *)(s + q.sq_off.tail);
    U.sqm = (void *)(s + q.sq_off.ring_mask);
    U.sqa = (void *)(s + q.sq_off.array);
    U.cqh = (void *)(c + q.cq_off.head);
    U.cqm = (void *)(c + q.cq_off.ring_mask);
    U.cqe = (void *)(c + q.cq_off.cqes);
  }
  unsigned i = *U.sqt & *U.sqm;
  U.sqe[i] = (struct io_uring_sqe){
      .opcode = op, .fd = fd, .addr = (unsigned long)addr, .len = len, .off = off, .open_flags = flags};
  U.sqa[i] = i;
  __atomic_store_n(U.sqt, *U.sqt + 1, __ATOMIC_RELEASE);
  CHECK(syscall(SYS_io_uring_enter, U.fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0));
  int r = U.cqe[*U.cqh & *U.cqm].res;
  __atomic_store_n(U.cqh, *U.cqh + 1, __ATOMIC_RELEASE);
  if (r < 0) {
    errno = -r;
    perror("uring");
    _exit(9);
  }
  return r;
}

ACT(uring) {
  int f = uring(IORING_OP_OPENAT, AT_FDCWD, "in", 0, 0, O_RDONLY);
  uring(IORING_OP_READ, f, buf, 9, 0, 0);
  f = uring(IORING_OP_OPENAT, AT_FDCWD, "out", 0644, 0, O_WRONLY | O_CREAT);
  uring(IORING_OP_WRITE, f, "x", 1, 0, 0);
}

ACT(uring_rename) {
  int f = open_output("tmp");
  write_data(f);
  close(f);
  uring(IORING_OP_RENAMEAT, AT_FDCWD, "tmp", AT_FDCWD, (unsigned long)"out", 0);
}

ACT(o_tmpfile) {
  int f = CHECK(open(".", O_TMPFILE | O_WRONLY, 0644));
  write_data(f);
  sprintf(buf, "/proc/self/fd/%d", f);
  CHECK(linkat(AT_FDCWD, buf, AT_FDCWD, "out", AT_SYMLINK_FOLLOW));
}

ACT(memfd) {
  int f = CHECK(memfd_create("notafile", 0));
  write_data(f);
  lseek(f, 0, 0);
  read_all(f);
  copy_by_hand("in", "out");
}

ACT(rename) {
  write_data(open_output("tmp"));
  CHECK(rename("tmp", "out"));
}

ACT(rename_exchange) {
  write_data(open_output("tmp"));
  CHECK(renameat2(AT_FDCWD, "tmp", AT_FDCWD, "out", RENAME_EXCHANGE));
  CHECK(unlink("tmp"));
}

ACT(rename_dir) {
  CHECK(mkdir("d.tmp", 0755));
  write_data(open_output("d.tmp/f"));
  CHECK(rename("d.tmp", "d"));
}

ACT(rename_open_fd) {
  int f = open_output("tmp");
  CHECK(rename("tmp", "out"));
  write_data(f);
}

ACT(link_publish) {
  write_data(open_output("tmp"));
  CHECK(link("tmp", "out"));
  CHECK(unlink("tmp"));
}

ACT(mv_input) {
  read_all(open_input("in"));
  CHECK(rename("in", "moved"));
}

ACT(write_unlink) {
  int f = open_output("tmp");
  write_data(f);
  close(f);
  CHECK(unlink("tmp"));
  copy_by_hand("in", "out");
}

ACT(truncate) {
  CHECK(truncate("out", 3));
}

ACT(fallocate) {
  CHECK(fallocate(CHECK(open("out", O_WRONLY)), 0, 0, 1 << 16));
}

ACT(o_trunc) {
  CHECK(open("out", O_WRONLY | O_TRUNC));
}

ACT(rdwr_read) {
  read_all(open("in", O_RDWR));
}

ACT(rdwr_write) {
  write_data(open("out", O_RDWR));
}

ACT(empty_output) {
  close(open_output("out"));
}

ACT(read_then_write) {
  int f = CHECK(open("io", O_RDWR));
  read_all(f);
  write_data(f);
}

ACT(stat_only) {
  struct stat s;
  CHECK(stat("in", &s));
  CHECK(access("in", R_OK));
  int f = CHECK(open("in", O_PATH));
  CHECK(fstat(f, &s));
  write_data(open_output("out"));
}

ACT(open_no_read) {
  struct stat s;
  int f = open_input("in");
  CHECK(fstat(f, &s));
  close(f);
  write_data(open_output("out"));
}

ACT(failed_open) {
  if (open("missing", O_RDONLY) >= 0 || open("in", O_WRONLY | O_CREAT | O_EXCL, 0644) >= 0 ||
      open("nodir/x", O_WRONLY | O_CREAT, 0644) >= 0)
    _exit(7);
  write_data(open_output("out"));
}

ACT(dirfd) {
  int d = open_input("sub");
  read_all(openat(d, "in", O_RDONLY));
  write_data(openat(d, "out", O_WRONLY | O_CREAT, 0644));
}

ACT(chdir) {
  CHECK(chdir("sub"));
  copy_by_hand("in", "out");
}

ACT(chdir_race) {
  for (int i = 0; i < 200; i++) {
    CHECK(chdir("sub"));
    sprintf(buf, "o%d", i);
    close(open_output(buf));
    CHECK(chdir(".."));
  }
}

ACT(chroot) {
  CHECK(chroot("root"));
  CHECK(chdir("/"));
  copy_by_hand("/in", "/out");
}

ACT(proc_fd) {
  int f = CHECK(open("in", O_PATH));
  sprintf(buf, "/proc/self/fd/%d", f);
  read_all(open(buf, O_RDONLY));
  f = open_output("out");
  sprintf(buf, "/dev/fd/%d", f);
  write_data(open(buf, O_WRONLY));
}

ACT(fdio) {
  read_all(atoi(args[0]));
  write_data(atoi(args[1]));
} // helper: read fd ARG0, write fd ARG1

ACT(fork_fd) {
  int i = open_input("in"), o = open_output("out"), p = fork();
  if (!p) {
    read_all(i);
    write_data(o);
    _exit(0);
  }
  reap(p);
}

ACT(exec_fd) {
  char i[9], o[9];
  sprintf(i, "%d", open_input("in"));
  sprintf(o, "%d", open_output("out"));
  execl(own_path, own_path, "fdio", i, o, (char *)0);
  _exit(9);
}
static char *io_args[] = {"act", "open", 0};

ACT(vfork) {
  int p = vfork();
  if (!p) {
    execv(own_path, io_args);
    _exit(9);
  }
  reap(p);
}

ACT(posix_spawn) {
  int p;
  if (posix_spawn(&p, own_path, 0, 0, io_args, environ)) _exit(9);
  reap(p);
}
static void *th(void *x) {
  copy_by_hand("in", "out");
  return x;
}

ACT(thread) {
  pthread_t t;
  pthread_create(&t, 0, th, 0);
  pthread_join(t, 0);
}
static void *th_exec(void *x) {
  execv(own_path, io_args);
  return x;
}

ACT(daemon) {
  if (fork()) _exit(0);
  setsid();
  if (fork()) _exit(0);
  for (int i = 0; i < 3; i++) close(i);
  open("/dev/null", O_RDWR);
  usleep(400000);
  copy_by_hand("in", "out");
}

ACT(fexecve) {
  fexecve(CHECK(open(own_path, O_RDONLY | O_CLOEXEC)), io_args, environ);
  _exit(9);
}

ACT(close_range) {
  CHECK(syscall(SYS_close_range, 3, ~0u, 0));
  copy_by_hand("in", "out");
}

ACT(dup_over) {
  for (int i = 3; i < 64; i++) dup2(2, i);
  copy_by_hand("in", "out");
}
static void seccomp_(
    unsigned deny) { // allow only what copy_by_hand() and exit need; anything else is killed (or gets EPERM)
  int ok[] = {
#ifdef SYS_open // newer processors lack it
              SYS_open,
#endif
              SYS_openat,     SYS_read,  SYS_write,      SYS_close,        SYS_exit,
              SYS_exit_group, SYS_fstat, SYS_newfstatat, SYS_rt_sigreturn, SYS_brk},
      n = sizeof ok / sizeof *ok;
  struct sock_filter f[40] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
  int k = 1;
  for (int i = 0; i < n; i++) {
    f[k++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ok[i], 0, 1);
    f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, deny);
  struct sock_fprog p = {k, f};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p));
  copy_by_hand("in", "out");
  _exit(0);
}

ACT(seccomp_kill) {
  int p = fork();
  if (!p) seccomp_(SECCOMP_RET_KILL_PROCESS);
  reap(p);
}

ACT(no_new_privs) {
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  execv(own_path, io_args);
}

ACT(ptracer) {
  int st, p = fork();
  if (!p) {
    CHECK(ptrace(PTRACE_TRACEME, 0, 0, 0));
    raise(SIGSTOP);
    copy_by_hand("in", "out");
    _exit(0);
  }
  CHECK(waitpid(p, &st, 0));
  if (!WIFSTOPPED(st)) _exit(7);
  CHECK(ptrace(PTRACE_CONT, p, 0, 0));
  reap(p);
}

ACT(sigkill) {
  read_all(open_input("in"));
  write_data(open_output("out"));
  kill(getpid(), SIGKILL);
  pause();
}

ACT(sigkill_child) {
  int p = fork(), st;
  if (!p) act_sigkill();
  waitpid(p, &st, 0);
}

ACT(many) {
  int k = 8, per = 1250;
  for (int p = 0; p < k; p++)
    if (!fork()) {
      for (int i = 0; i < per; i++) {
        sprintf(buf, "many/%d", p * per + i);
        int f = open_input(buf);
        CHECK(read(f, buf, 9));
        close(f);
      }
      sprintf(buf, "o%d", p);
      write_data(open_output(buf));
      _exit(0);
    }
  for (int p = 0, st; p < k; p++) wait(&st);
}

ACT(deleted_cwd) {
  char up[4096];
  getcwd(up, sizeof up);
  strcat(up, "/in");
  CHECK(mkdir("gone", 0755));
  CHECK(chdir("gone"));
  CHECK(rmdir("../gone"));
  copy_by_hand(up, "../out");
}

ACT(mntns) {
  CHECK(unshare(CLONE_NEWNS));
  CHECK(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
  CHECK(mount("tmpfs", "priv", "tmpfs", 0, 0));
  copy_by_hand("in", "out");
  write_data(open_output("priv/hidden"));
}

ACT(fifo) {
  CHECK(mkfifo("pipe", 0644));
  int p = fork();
  if (!p) {
    write_data(open("pipe", O_WRONLY));
    _exit(0);
  }
  read_all(open("pipe", O_RDONLY));
  reap(p);
  copy_by_hand("in", "out");
}

ACT(socket) {
  struct sockaddr_un a = {AF_UNIX, "sock"};
  int s = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(bind(s, (void *)&a, sizeof a));
  CHECK(listen(s, 1));
  CHECK(connect(c, (void *)&a, sizeof a));
  write_data(c);
  close(c);
  read_all(accept(s, 0, 0));
  copy_by_hand("in", "out");
}

ACT(readdir) {
  DIR *d = opendir(".");
  while (readdir(d))
    ;
  closedir(d);
  copy_by_hand("in", "out");
}
static void at_exit_(void) {
  copy_by_hand("in", "out");
}

ACT(atexit) {
  atexit(at_exit_);
  exit(0);
}

ACT(popen) {
  FILE *f = popen("cat in", "r");
  while (fgets(buf, 99, f))
    ;
  pclose(f);
  if (system("echo x > out")) _exit(7);
}

ACT(paths) {
  copy_by_hand(args[0], args[1]);
}

static struct {
  const char *n;
  void (*f)(void);
} T[] = {
#include "acts.inc"
};
int main(int c, char **v) {
  CHECK(readlink("/proc/self/exe", own_path, sizeof own_path - 1));
  args = v + 2;
  for (unsigned i = 0; i < sizeof T / sizeof *T; i++)
    if (c > 1 && !strcmp(T[i].n, v[1])) {
      T[i].f();
      return 0;
    }
  fprintf(stderr, "no such act\n");
  return 2;
}

// minimal_ebpf OBJECT COMMAND…: the floor for a tracer by BPF programs: loads those of OBJECT (minimal_ebpf.bpf.c), follows
// the command, and counts what they tell.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static long count;

static int take(void *context, void *event, size_t size) {
  count++;
  return 0;
}

int main(int argc, char **argv) {
  struct bpf_object *object = bpf_object__open_file(argv[1], 0);
  if (!object || bpf_object__load(object)) return 99;
  struct bpf_program *program;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__attach(program)) return 99;
  }
  int go[2], status;
  unsigned one = 1;
  pipe(go);
  unsigned command = fork();
  if (!command) {
    char word;
    close(go[1]);
    read(go[0], &word, 1);
    close(go[0]);
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "followed"), &command, &one, BPF_ANY);
  write(go[1], "x", 1);
  struct ring_buffer *ring = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "ring"), take, 0, 0);
  while (!waitpid(command, &status, WNOHANG)) ring_buffer__poll(ring, 5);
  ring_buffer__consume(ring);
  if (isatty(2)) fprintf(stderr, "%ld told\n", count);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

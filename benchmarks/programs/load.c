// load NAME: small workloads, run in a folder that workloads.py lays out.
//   small: 20,000 files read; same: one file opened 100,000 times; write: 200,000 writes of 4 KiB; read1:
//   1,000,000 reads of a byte
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static char b[4096], p[64];
int main(int c, char **v) {
  if (!strcmp(v[1], "small"))
    for (int i = 0; i < 20000; i++) {
      sprintf(p, "small/%d/%d", i / 200, i);
      int f = open(p, O_RDONLY);
      if (read(f, b, 4096) <= 0) return 1;
      close(f);
    }
  if (!strcmp(v[1], "same"))
    for (int i = 0; i < 100000; i++) {
      int f = open("one", O_RDONLY);
      if (f < 0) return 1;
      close(f);
    }
  if (!strcmp(v[1], "write")) {
    int f = open("big", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    for (int i = 0; i < 200000; i++)
      if (write(f, b, 4096) != 4096) return 1;
    close(f);
  }
  if (!strcmp(v[1], "read1")) {
    int f = open("mega", O_RDONLY);
    for (int i = 0; i < 1000000; i++)
      if (read(f, b, 1) != 1) return 1;
    close(f);
  }
  return 0;
}

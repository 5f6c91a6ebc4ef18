// copy_when_told FIFO FROM TO: waits for a line in FIFO, then copies. To be linked statically.
#include <fcntl.h>
#include <unistd.h>

int main(int count, char **words) {
  char bytes[4096];
  ssize_t length;
  if (count != 4) return 2;
  int fifo = open(words[1], O_RDONLY);
  if (fifo < 0 || read(fifo, bytes, sizeof bytes) <= 0) return 3;
  int from = open(words[2], O_RDONLY), to = open(words[3], O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (from < 0 || to < 0) return 4;
  while ((length = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, length) != length) return 5;
  return 0;
}

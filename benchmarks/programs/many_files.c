// many_files INPUTS OUTPUTS FOLDER: reads in/0/0, in/0/1 … (200 files to a folder), writes FOLDER/0, FOLDER/1 …
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char buffer[4096], path[64];

int main(int count, char **arguments) {
  if (count != 4) return 2;
  int inputs = atoi(arguments[1]), outputs = atoi(arguments[2]);
  for (int i = 0; i < inputs; i++) {
    sprintf(path, "in/%d/%d", i / 200, i);
    int file = open(path, O_RDONLY);
    if (file < 0 || read(file, buffer, sizeof buffer) <= 0) return 1;
    close(file);
  }
  for (int i = 0; i < outputs; i++) {
    snprintf(path, sizeof path, "%s/%d", arguments[3], i);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int length = sprintf(buffer, "output %d\n", i);
    if (file < 0 || write(file, buffer, length) != length) return 1;
    close(file);
  }
  return 0;
}

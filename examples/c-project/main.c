#include <stdio.h>
#include "words.h"

int main(void)
{
    char line[4096];
    long words = 0;
    while (fgets(line, sizeof line, stdin))
        words += count_words(line);
    printf("%ld\n", words);
    return 0;
}

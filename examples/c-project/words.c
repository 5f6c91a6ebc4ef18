#include "config.h"
#include "words.h"

long count_words(const char *text)
{
    long words = 0;
    int inside = 0;
    for (; *text; text++) {
        int letter = *text != ' ' && *text != '\n';
        words += letter && !inside;
        inside = letter;
    }
    return words;
}

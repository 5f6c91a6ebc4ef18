long count_words(const char *text);

int plug(void) {
  return 42;
}

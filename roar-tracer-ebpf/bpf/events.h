// What is told to the tracer. The same layouts are in src/events.rs.
#pragma once
#include "kernel.h"

enum kind {
  DIRECTORY = 1, // a directory's path, before the first event that names it
  OPENED = 2,
  MAPPED = 3, // shared and writable
  NAMED = 4,  // a call that names paths: rename, link, unlink, truncate
  EXECUTED = 5,
  EXITED = 6,
  OUT_OF_SIGHT = 7, // an io_uring put a file where no descriptor shows it; detail 1: one was set up
  FORKED = 8,       // detail: the parent
};

struct header {
  u32 kind;
  u32 process;
  u64 time_ns; // CLOCK_MONOTONIC
  u32 image;   // of the process, as `tracked` says
  u32 detail;  // of each kind's own
};

// Directories are told apart by a fingerprint of all that their path depends on.
struct directory_event {
  struct header header;
  u64 directory;
  u32 mount; // the id of the mount that the path ends at
  u32 length; // of what follows: names, innermost first, each closed by NUL
};

struct file_part {
  u64 directory;
  u64 inode;
  s64 size;
  s64 mtime_ns;
  s64 ctime_ns;
  u32 device; // as the kernel counts them
  u32 mode;
  u32 flags; // of open(2), and CREATED
  u32 length;
  char name[256];
};
#define CREATED 0x80000000u

struct file_event {
  struct header header;
  struct file_part file;
};

// A file that a call changed, as it was before but for its ctime.
struct change {
  u64 inode;
  s64 size;
  s64 mtime_ns;
  s64 ctime_ns;
  u32 device;
  u32 mode;
};
#define NOT_KNOWN 3u

#define MOST_PATH 4096
struct named_event {
  struct header header; // detail: which call
  u64 start[2];         // the directories that relative paths start from, or the root
  u64 number;           // flags, or a length
  struct change changes[2];
  u32 changed; // how many of these there are, or NOT_KNOWN
  u32 unused;
  u32 length[2];
  char text[2 * MOST_PATH];
};

#define MOST_ARGUMENTS 8192
struct executed_event {
  struct header header; // detail: the image before
  u64 root;
  u64 current;
  u64 argument_bytes; // all of them; those that are not here are in /proc
  u32 length;         // of the name as given
  u32 argument_length;
  struct file_part file;
  char text[MOST_PATH + MOST_ARGUMENTS]; // name, then arguments
};

// Small libraries that stand between a process and the C library (LD_PRELOAD), compiled when a test needs one. Each is steered
// while the process runs, through a file of numbers that both sides map.
//
//   clock   shifts the wall clock by numbers[0] milliseconds; the monotonic clock stays.
//   disk    counts the calls that change files beneath FAULT_DIRECTORY (open for writing, write, chmod, fsync, rename), and at the
//           numbers[1]-th from now kills the process (numbers[0] = 1), or fails from then on every fsync (2) or rename (3) with EIO.
//           numbers[2] counts on.

import { join } from 'node:path';

import { compile } from './compiler.js';
import { NumbersFile } from './numbers-file.js';
import type { Workspace } from './workspace.js';

const NUMBERS = 4;

const MAPPING = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static volatile long long *numbers;

__attribute__((constructor)) static void map_numbers(void) {
  const char *path = getenv("FAULT_NUMBERS");
  int file = path ? (int)syscall(SYS_open, path, O_RDWR) : -1;
  if (file < 0) abort();
  numbers = mmap(0, ${NUMBERS * 8}, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (numbers == MAP_FAILED) abort();
  close(file);
}
`;

const CLOCK = `
static void shift(struct timespec *moment) {
  long long total = moment->tv_sec * 1000000000LL + moment->tv_nsec + numbers[0] * 1000000LL;
  moment->tv_sec = total / 1000000000LL;
  moment->tv_nsec = total % 1000000000LL;
}

int clock_gettime(clockid_t clock, struct timespec *moment) {
  int status = (int)syscall(SYS_clock_gettime, clock, moment);
  if (status == 0 && numbers && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(moment);
  return status;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  moment->tv_sec = now.tv_sec;
  moment->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *seconds) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (seconds) *seconds = now.tv_sec;
  return now.tv_sec;
}
`;

const DISK = `
enum { KILL = 1, FAIL_FSYNC = 2, FAIL_RENAME = 3 };

static int is_ours(const char *path) {
  const char *directory = getenv("FAULT_DIRECTORY");
  size_t length = directory ? strlen(directory) : 0;
  if (length == 0 || strncmp(path, directory, length) != 0) return 0;
  return !strstr(path, ".stdout") && !strstr(path, ".stderr");
}

static int is_our_file(int file) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

/* Returns the errno with which the call fails now, 0 if it goes on. */
static int step(int failing_mode) {
  if (!numbers) return 0;
  __sync_fetch_and_add(&numbers[2], 1);
  long long mode = numbers[0];
  if (mode == 0) return 0;
  if (numbers[1] > 0 && __sync_sub_and_fetch(&numbers[1], 1) > 0) return 0;
  if (mode == KILL) kill(getpid(), SIGKILL);
  return mode == failing_mode ? EIO : 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define PASS(mode, call) do { int error = step(mode); if (error) { errno = error; return -1; } return call; } while (0)

ssize_t write(int file, const void *bytes, size_t count) {
  if (!is_our_file(file)) return NEXT(write)(file, bytes, count);
  PASS(0, NEXT(write)(file, bytes, count));
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  if (!is_our_file(file)) return NEXT(pwrite64)(file, bytes, count, at);
  PASS(0, NEXT(pwrite64)(file, bytes, count, at));
}

int fsync(int file) {
  if (!is_our_file(file)) return NEXT(fsync)(file);
  PASS(FAIL_FSYNC, NEXT(fsync)(file));
}

int fchmod(int file, mode_t mode) {
  if (!is_our_file(file)) return NEXT(fchmod)(file, mode);
  PASS(0, NEXT(fchmod)(file, mode));
}

int rename(const char *from, const char *to) {
  if (!is_ours(to)) return NEXT(rename)(from, to);
  PASS(FAIL_RENAME, NEXT(rename)(from, to));
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (!(flags & O_CREAT) || !is_ours(path)) return NEXT(open64)(path, flags, mode);
  PASS(0, NEXT(open64)(path, flags, mode));
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open64(path, flags, mode);
}
`;

const SOURCES = { clock: CLOCK, disk: DISK };

export class Preload {
  /** What a process needs in its environment to load the library. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #numbers: NumbersFile;

  private constructor(library: string, numbers: NumbersFile, directory: string) {
    this.#numbers = numbers;
    this.environment = { LD_PRELOAD: library, FAULT_NUMBERS: numbers.path, FAULT_DIRECTORY: directory };
  }

  /** Compiles the library into `workspace`, with steering numbers of its own, all 0. `watched` is the directory of `disk`. */
  static compile(workspace: Workspace, kind: keyof typeof SOURCES, watched = '/nowhere'): Preload {
    const directory = workspace.directory(`preload-${kind}`);
    const library = join(directory, `${kind}.so`);
    compile(MAPPING + SOURCES[kind], library, ['-shared', '-fPIC', '-ldl']);
    return new Preload(library, new NumbersFile(join(directory, 'numbers'), NUMBERS), watched);
  }

  /** Steers every process that has loaded the library, at once. */
  set(index: number, value: number): void {
    this.#numbers.set(index, value);
  }

  get(index: number): number {
    return this.#numbers.get(index);
  }
}

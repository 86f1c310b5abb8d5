// Cables of a network that take their time: every frame arrives after a delay that varies, so that frames overtake each other, and
// some arrive twice. In place of `netem`, which many kernels lack.
//
// Each cable is a pair of TAP devices, one on the bridge and one in the host's namespace, and a program of a page copies frames from
// one to the other. It ends when its devices are deleted, so that whoever takes down the network takes it down, too. Frames from
// and to the harness are not delayed: no fault hides a host from it.

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { compile, obstacleToCompiling } from './compiler.js';
import { NumbersFile } from './numbers-file.js';
import { Workspace } from './workspace.js';

const DEVICE = '/dev/net/tun';

/** Positions in the file of numbers; the program has the same. */
const DELAY = 0;
const JITTER = 1;
const DUPLICATES = 2;
const NUMBERS = 3;

const SOURCE = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 2048, MOST_CABLES = 64, MOST_FRAMES = 65536 };

struct frame { long long due; int to; ssize_t length; unsigned char bytes[LONGEST]; };

static volatile long long *numbers; /* delay and jitter in microseconds, duplicates in a thousand */
static struct frame *waiting[MOST_FRAMES]; /* a heap: the first is due first */
static int waiting_count;

static void demand(int is_true, const char *what) {
  if (is_true) return;
  perror(what);
  exit(1);
}

static long long now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return moment.tv_sec * 1000000LL + moment.tv_nsec / 1000;
}

static void swap(int one, int other) {
  struct frame *kept = waiting[one];
  waiting[one] = waiting[other];
  waiting[other] = kept;
}

static void put(const struct frame *frame) {
  if (waiting_count == MOST_FRAMES) return;
  int at = waiting_count++;
  waiting[at] = malloc(sizeof *frame);
  demand(waiting[at] != NULL, "malloc");
  memcpy(waiting[at], frame, sizeof *frame);
  for (; at > 0 && waiting[at]->due < waiting[(at - 1) / 2]->due; at = (at - 1) / 2) swap(at, (at - 1) / 2);
}

static struct frame *take(void) {
  struct frame *first = waiting[0];
  waiting[0] = waiting[--waiting_count];
  for (int at = 0;;) {
    int least = at;
    for (int child = 2 * at + 1; child <= 2 * at + 2 && child < waiting_count; child++)
      if (waiting[child]->due < waiting[least]->due) least = child;
    if (least == at) return first;
    swap(at, least);
    at = least;
  }
}

static int open_device(const char *name) {
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
  int file = open("${DEVICE}", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  demand(file >= 0, "${DEVICE}");
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  demand(ioctl(file, TUNSETIFF, &request) == 0, name);
  return file;
}

static int open_in(const char *namespace, const char *device) {
  char path[256];
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  snprintf(path, sizeof path, "/run/netns/%s", namespace);
  int away = open(path, O_RDONLY | O_CLOEXEC);
  demand(home >= 0 && away >= 0 && setns(away, CLONE_NEWNET) == 0, path);
  int file = open_device(device);
  demand(setns(home, CLONE_NEWNET) == 0, "the namespace we came from");
  close(home);
  close(away);
  return file;
}

/* Whether the frame is from or to the address, or no IPv4 at all. */
static int is_exempt(const struct frame *frame, in_addr_t harness) {
  in_addr_t from, to;
  if (frame->length < 34 || frame->bytes[12] != 8 || frame->bytes[13] != 0) return 1;
  memcpy(&from, frame->bytes + 26, 4);
  memcpy(&to, frame->bytes + 30, 4);
  return from == harness || to == harness;
}

static void deliver(int file, const struct frame *frame) {
  /* A cable that is unplugged, or a host that is overrun, loses it. */
  if (write(file, frame->bytes, frame->length) < 0) return;
}

int main(int count, char **words) {
  struct pollfd ends[2 * MOST_CABLES];
  int cables = (count - 3) / 2;
  in_addr_t harness = inet_addr(words[2]);
  int file = open(words[1], O_RDONLY);
  demand(file >= 0, words[1]);
  numbers = mmap(0, ${NUMBERS * 8}, PROT_READ, MAP_SHARED, file, 0);
  demand(numbers != MAP_FAILED && cables <= MOST_CABLES, "mmap");
  for (int cable = 0; cable < cables; cable++) {
    ends[2 * cable].fd = open_device(words[3 + 2 * cable]);
    ends[2 * cable + 1].fd = open_in(words[4 + 2 * cable], "eth0");
    ends[2 * cable].events = ends[2 * cable + 1].events = POLLIN;
  }
  int ended = 0;
  demand(daemon(0, 0) == 0, "daemon"); /* whoever waits for us may go on: the devices exist */
  for (;;) {
    long long pause = waiting_count > 0 ? waiting[0]->due - now() : 1000000;
    struct timespec limit = { .tv_sec = pause > 0 ? pause / 1000000 : 0, .tv_nsec = pause > 0 ? pause % 1000000 * 1000 : 0 };
    if (ppoll(ends, 2 * cables, &limit, NULL) < 0) return 1;
    for (int end = 0; end < 2 * cables; end++) {
      static struct frame frame;
      if (ends[end].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        close(ends[end].fd);
        ends[end].fd = -1;
        if (++ended == cables) return 0;
        continue;
      }
      while (ends[end].revents & POLLIN && (frame.length = read(ends[end].fd, frame.bytes, LONGEST)) > 0) {
        frame.to = ends[end ^ 1].fd;
        /* Each way leads over two cables: only the arriving end takes time. */
        if (end % 2 == 1 || numbers[0] + numbers[1] + numbers[2] == 0 || is_exempt(&frame, harness)) {
          deliver(frame.to, &frame);
          continue;
        }
        for (int copies = 1 + (random() % 1000 < numbers[2]); copies > 0; copies--) {
          frame.due = now() + numbers[0] + (numbers[1] > 0 ? random() % numbers[1] : 0);
          put(&frame);
        }
      }
    }
    while (waiting_count > 0 && waiting[0]->due <= now()) {
      struct frame *due = take();
      deliver(due->to, due);
      free(due);
    }
  }
}
`;

export interface Slowness {
  /** The least that a frame takes. */
  readonly delayMillis: number;
  /** Up to this much is added to it, evenly; frames overtake each other. None unless given. */
  readonly jitterMillis?: number;
  /** So many of 100 frames arrive twice, at different moments. None unless given. */
  readonly duplicatePercent?: number;
}

export interface CableEnds {
  /** The name of the end on the bridge. */
  readonly cable: string;
  /** The namespace of the host, in which the other end is `eth0`. */
  readonly namespace: string;
}

export class SlowCables {
  readonly #workspace = new Workspace();
  readonly #numbers: NumbersFile;

  /** Makes the devices of all cables. Both ends are still down, and without addresses. */
  constructor(ends: readonly CableEnds[], harness: string) {
    const program = join(this.#workspace.path, 'slow-cables');
    compile(SOURCE, program);
    this.#numbers = new NumbersFile(join(this.#workspace.path, 'numbers'), NUMBERS);
    const cables = ends.flatMap(({ cable, namespace }) => [cable, namespace]);
    execFileSync(program, [this.#numbers.path, harness, ...cables], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  slowDown({ delayMillis, jitterMillis = 0, duplicatePercent = 0 }: Slowness): void {
    this.#numbers.set(DELAY, Math.round(delayMillis * 1000));
    this.#numbers.set(JITTER, Math.round(jitterMillis * 1000));
    this.#numbers.set(DUPLICATES, Math.round(duplicatePercent * 10));
  }

  /** The program ends with the devices, which whoever takes down the network deletes. */
  remove(): void {
    this.#workspace.remove();
  }
}

/** Why there can be no slow cables here; null if there can. */
export function obstacleToSlowCables(): string | null {
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
  } catch (error) {
    return `no TAP devices: ${error instanceof Error ? error.message : error}`;
  }
  return obstacleToCompiling();
}

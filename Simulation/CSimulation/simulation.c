#define _GNU_SOURCE
#include "internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int64_t simulation_now;
simulation_callbacks simulation_calls;
static int64_t wall_error;
static uint64_t random_state;

// 2026-01-01T00:00:00Z, where simulated wall clocks begin.
static const int64_t wall_begin = 1767225600000000000;

// MARK: Time

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (simulation_now == 0) return (int)syscall(SYS_clock_gettime, clock, time);
  int64_t now = simulation_now;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now += wall_begin + wall_error;
  time->tv_sec = now / 1000000000;
  time->tv_nsec = now % 1000000000;
  return 0;
}

void simulation_set_time(int64_t nanoseconds) { simulation_now = nanoseconds; }
void simulation_set_wall_error(int64_t nanoseconds) { wall_error = nanoseconds; }

// MARK: Randomness

// SplitMix64, as AssayRandom has it.
uint64_t simulation_random(void) {
  random_state += 0x9e3779b97f4a7c15;
  uint64_t mixed = random_state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

static long raw(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#else
#error "write the system call of this processor"
#endif
}

// Swift's SystemRandomNumberGenerator and BoringSSL ask the kernel for random bytes this way, not by getrandom(2)'s own function.
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (int index = 0; index < 6; index++) arguments[index] = va_arg(list, long);
  va_end(list);
  if (number == SYS_getrandom && simulation_now != 0) {
    unsigned char *bytes = (unsigned char *)arguments[0];
    for (long index = 0; index < arguments[1]; index++) bytes[index] = (unsigned char)simulation_random();
    return arguments[1];
  }
  long result =
      raw(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  if (result < 0 && result > -4096) {
    errno = (int)-result;
    return -1;
  }
  return result;
}

// MARK: Tasks

#define SWIFT __attribute__((swiftcall))

static SWIFT void enqueue(void *job, void *original) {
  (void)original;
  simulation_calls.job(job);
}

extern SWIFT void swift_job_run(void *job, void *identity, void *implementation);

// On no executor in particular, as the runtime's own threads do.
void simulation_run_job(void *job) { swift_job_run(job, NULL, NULL); }

bool simulation_begin(simulation_callbacks callbacks, uint64_t seed) {
  // By name: a reference would make a copy of the variable that the runtime does not read.
  void **hook = dlsym(RTLD_DEFAULT, "swift_task_enqueueGlobal_hook");
  if (hook == NULL) return false;
  simulation_calls = callbacks;
  random_state = seed;
  simulation_now = 1;
  *hook = (void *)enqueue;
  return true;
}

// MARK: Processes

int32_t simulation_fork(int32_t (*body)(uint64_t), uint64_t argument) {
  pid_t child = fork();
  if (child != 0) return child;
  _exit(body(argument));
}

void simulation_pin(char **arguments) {
  int now = personality(0xffffffff);
  const char *hashing = getenv("SWIFT_DETERMINISTIC_HASHING");
  bool isFixed = now >= 0 && (now & ADDR_NO_RANDOMIZE);
  if (hashing != NULL && (isFixed || getenv("ASSAY_SIM_PINNED") != NULL)) return;
  setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1);
  // BoringSSL asks the processor for random numbers where it can (RDRAND, bit 62): the kernel's are ours.
  setenv("OPENSSL_ia32cap", "~0x4000000000000000", 1);
  // Once: where a container forbids the one call, the other still holds.
  setenv("ASSAY_SIM_PINNED", "1", 1);
  if (now >= 0) (void)personality((unsigned long)now | ADDR_NO_RANDOMIZE);
  execv("/proc/self/exe", arguments);
}

// The floor beneath the RPC layer: plain C over nng REQ/REP with contexts and callbacks, resend off.
//   nng-floor serve URL              echoes until killed
//   nng-floor call URL CALLERS SECONDS BYTES   prints: p50_us p99_us calls_per_second
// For tls+tcp:// the environment names two PEM files: FLOOR_CA, and FLOOR_CERT with the private key behind it.
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kServerContexts = 64, kMaxSamples = 4000000 };

typedef struct {
  nng_ctx context;
  nng_aio *aio;
  int receiving;
  uint64_t began;
} worker;

static size_t message_bytes;
static atomic_int running;
static atomic_size_t samples_count;
static uint32_t *samples;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void check(int result, const char *what) {
  if (result != 0) {
    fprintf(stderr, "nng-floor: %s: %s\n", what, nng_strerror(result));
    exit(1);
  }
}

// Both ends prove themselves, as Assay's do.
static nng_tls_config *tls_of(const char *url, nng_tls_mode mode) {
  if (strncmp(url, "tls", 3) != 0) return NULL;
  nng_tls_config *tls;
  check(nng_tls_config_alloc(&tls, mode), "tls");
  check(nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED), "tls");
  check(nng_tls_config_ca_file(tls, getenv("FLOOR_CA")), "FLOOR_CA");
  check(nng_tls_config_cert_key_file(tls, getenv("FLOOR_CERT"), NULL), "FLOOR_CERT");
  if (mode == NNG_TLS_MODE_CLIENT) check(nng_tls_config_server_name(tls, "127.0.0.1"), "tls");
  return tls;
}

static void serve_next(void *argument) {
  worker *self = argument;
  if (nng_aio_result(self->aio) != 0) return;
  self->receiving = !self->receiving;
  if (self->receiving) {
    nng_ctx_recv(self->context, self->aio);
  } else {
    nng_ctx_send(self->context, self->aio); // the message that was received goes back
  }
}

static void send_next(worker *self) {
  nng_msg *message;
  check(nng_msg_alloc(&message, message_bytes), "alloc");
  memset(nng_msg_body(message), 'x', message_bytes);
  self->receiving = 0;
  self->began = now_ns();
  nng_aio_set_msg(self->aio, message);
  nng_ctx_send(self->context, self->aio);
}

static void call_next(void *argument) {
  worker *self = argument;
  if (nng_aio_result(self->aio) != 0) return;
  if (!self->receiving) {
    self->receiving = 1;
    nng_ctx_recv(self->context, self->aio);
    return;
  }
  nng_msg_free(nng_aio_get_msg(self->aio));
  size_t index = atomic_fetch_add(&samples_count, 1);
  if (index < kMaxSamples) samples[index] = (uint32_t)(now_ns() - self->began);
  if (atomic_load(&running)) send_next(self);
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

int main(int count, char **words) {
  nng_socket socket;
  if (count == 3 && strcmp(words[1], "serve") == 0) {
    check(nng_rep0_open(&socket), "open");
    nng_listener listener;
    nng_tls_config *tls = tls_of(words[2], NNG_TLS_MODE_SERVER);
    check(nng_listener_create(&listener, socket, words[2]), "listen");
    if (tls) check(nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, tls), "tls");
    check(nng_listener_start(listener, 0), "listen");
    static worker workers[kServerContexts];
    for (int i = 0; i < kServerContexts; i++) {
      check(nng_ctx_open(&workers[i].context, socket), "context");
      check(nng_aio_alloc(&workers[i].aio, serve_next, &workers[i]), "aio");
      workers[i].receiving = 1;
      nng_ctx_recv(workers[i].context, workers[i].aio);
    }
    for (;;) pause();
  }
  if (count != 6) return 2;
  int callers = atoi(words[3]);
  double seconds = atof(words[4]);
  message_bytes = (size_t)atol(words[5]);
  samples = calloc(kMaxSamples, sizeof *samples);
  check(nng_req0_open(&socket), "open");
  check(nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), "resend");
  // The server may be about to listen.
  nng_dialer dialer;
  nng_tls_config *tls = tls_of(words[2], NNG_TLS_MODE_CLIENT);
  check(nng_dialer_create(&dialer, socket, words[2]), "dial");
  if (tls) check(nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, tls), "tls");
  int dialled = nng_dialer_start(dialer, 0);
  for (int tries = 0; tries < 500 && dialled == NNG_ECONNREFUSED; tries++) {
    usleep(10000);
    dialled = nng_dialer_start(dialer, 0);
  }
  check(dialled, "dial");
  worker *workers = calloc((size_t)callers, sizeof *workers);
  atomic_store(&running, 1);
  uint64_t began = now_ns();
  for (int i = 0; i < callers; i++) {
    check(nng_ctx_open(&workers[i].context, socket), "context");
    check(nng_aio_alloc(&workers[i].aio, call_next, &workers[i]), "aio");
    send_next(&workers[i]);
  }
  usleep((useconds_t)(seconds * 1e6));
  atomic_store(&running, 0);
  double elapsed = (double)(now_ns() - began) / 1e9;
  usleep(100000);
  size_t total = atomic_load(&samples_count), kept = total < kMaxSamples ? total : kMaxSamples;
  if (kept == 0) return 1;
  qsort(samples, kept, sizeof *samples, by_value);
  printf("%.1f %.1f %.0f\n", samples[kept / 2] / 1e3, samples[kept * 99 / 100] / 1e3, (double)total / elapsed);
  return 0;
}

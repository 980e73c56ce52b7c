// Predict, then reveal: a stream is handed into the sandbox piece by piece, each piece when the reply to the one before it is in our
// record. docs/predict-then-reveal.md says what stands in the stream. The job's end of the socket is its standard input.
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kHeader = 16, kFrame = 8 };

static uint32_t word(const unsigned char *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// Whether frames fill the stream to its end; the bytes of all replies.
static int check_frames(const revealer *reveal, uint64_t *replies) {
  uint64_t at = kHeader, count = 0;
  for (*replies = 0; at < reveal->size; count++) {
    if (reveal->size - at < kFrame) return 0;
    uint64_t piece = word(reveal->stream + at);
    *replies += word(reveal->stream + at + 4);
    if (reveal->size - at - kFrame < piece) return 0;
    at += kFrame + piece;
  }
  return count > 0 && count == word(reveal->stream + 12);
}

int reveal_open(const job *job, revealer *reveal) {
  reveal->socket = reveal->record = -1;
  if (job->reveal_stream == NULL) return -1;
  int fd = open(job->reveal_stream, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) infrastructure("cannot open the stream to reveal: %s", strerror(errno));
  reveal->size = (uint64_t)status.st_size;
  if (reveal->size < kHeader) infrastructure("the stream to reveal is cut off");
  void *map = mmap(NULL, reveal->size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED) infrastructure("cannot read the stream to reveal: %s", strerror(errno));
  close(fd);
  reveal->stream = map;
  uint64_t replies;
  if (memcmp(map, "ASSAYRV1", 8) != 0 || !check_frames(reveal, &replies)) infrastructure("the stream to reveal is damaged");
  if (replies > job->reveal_bytes) infrastructure("the stream asks for more than its record may hold");
  reveal->reply_ms = word(reveal->stream + 8);
  reveal->at = kHeader;
  reveal->record = open(job->reveal_record, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (reveal->record < 0) infrastructure("cannot write %s: %s", job->reveal_record, strerror(errno));
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) infrastructure("socketpair: %s", strerror(errno));
  // Only our end: each has flags of its own.
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  reveal->socket = ends[0];
  return ends[1];
}

short reveal_events(const revealer *reveal) { return reveal->left > 0 || reveal->at == kHeader ? POLLIN | POLLOUT : POLLIN; }

static void stop_talking(revealer *reveal) {
  close(reveal->socket);
  reveal->socket = -1;
}

static void keep(revealer *reveal, const char *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t written = write(reveal->record, bytes + done, count - done);
    if (written < 0 && errno != EINTR) infrastructure("cannot write a reply: %s", strerror(errno));
    if (written > 0) done += (size_t)written;
  }
  reveal->recorded += count;
}

void reveal_turn(revealer *reveal, uint64_t now_ms) {
  static char buffer[1 << 16];
  while (reveal->socket >= 0) {
    if (reveal->left > 0) { // the piece is on its way
      ssize_t sent = send(reveal->socket, reveal->stream + reveal->at - reveal->left, reveal->left, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) { // nobody reads any more; what is left to read counts still
        reveal->left = 0;
        reveal->deaf = 1;
        continue;
      }
      reveal->left -= (uint64_t)sent;
      continue;
    }
    if (reveal->reply_left > 0) { // the reply is on its way
      size_t room = reveal->reply_left < sizeof buffer ? reveal->reply_left : sizeof buffer;
      ssize_t count = recv(reveal->socket, buffer, room, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return stop_talking(reveal);
      keep(reveal, buffer, (size_t)count);
      reveal->reply_left -= (uint64_t)count;
      continue;
    }
    // Between a reply and the next piece nothing may come: what was said cannot be changed or added to.
    ssize_t early = reveal->at == kHeader ? -1 : recv(reveal->socket, buffer, 1, MSG_PEEK);
    if (early > 0) {
      reveal->excess = 1;
      return stop_talking(reveal);
    }
    if (early == 0) {
      reveal->complete = reveal->at == reveal->size;
      return stop_talking(reveal);
    }
    if (reveal->at == reveal->size) {
      if (!reveal->complete) shutdown(reveal->socket, SHUT_WR);
      reveal->complete = 1;
      return;
    }
    if (reveal->deaf) return stop_talking(reveal);
    uint64_t piece = kFrame + word(reveal->stream + reveal->at);
    reveal->reply_left = word(reveal->stream + reveal->at + 4);
    // The first reply waits for the program to start: the whole job's limits bound it.
    reveal->deadline_ms = reveal->at == kHeader || reveal->reply_ms == 0 ? 0 : now_ms + reveal->reply_ms;
    reveal->left = piece;
    reveal->at += piece;
  }
}

int reveal_is_late(const revealer *reveal, uint64_t now_ms) {
  return reveal->socket >= 0 && (reveal->left > 0 || reveal->reply_left > 0) && reveal->deadline_ms > 0 && now_ms > reveal->deadline_ms;
}

void reveal_report(const job *job, revealer *reveal, int report) {
  if (job->reveal_stream == NULL) return;
  if (reveal->excess) {
    dprintf(report, "output too-large %llu\n", (unsigned long long)reveal->recorded + 1);
  } else if (!reveal->complete) {
    dprintf(report, "output missing 0\n");
  } else {
    if (fsync(reveal->record) != 0) infrastructure("cannot write %s: %s", job->reveal_record, strerror(errno));
    dprintf(report, "output present %llu\n", (unsigned long long)reveal->recorded);
  }
}

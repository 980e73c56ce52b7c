#include <nng/nng.h>

/*
 * nng 1.5.2 forgets an operation that begins on an aio which is being stopped: nni_aio_begin answers NNG_ECANCELED, its callers
 * return, and no callback ever runs. When a connection is closed after the header of a message came and before its body is
 * asked for, the receive above it then never ends; nng's one reaper waits for it for ever, and with it every later nng_close of
 * the process. Here such an operation ends, with NNG_ECLOSED, through its callback, as operations under way do.
 *
 * The linker puts __wrap_nni_aio_begin into the calls between nng's own object files (--wrap), which needs the static library.
 */
struct nng_aio;
int __real_nni_aio_begin(struct nng_aio *aio);
int __wrap_nni_aio_begin(struct nng_aio *aio);
void nni_aio_finish_error(struct nng_aio *aio, int error);

int __wrap_nni_aio_begin(struct nng_aio *aio) {
  int result = __real_nni_aio_begin(aio);
#if NNG_MAJOR_VERSION == 1 && NNG_MINOR_VERSION == 5
  if (result != 0) nni_aio_finish_error(aio, NNG_ECLOSED);
#endif
  return result;
}

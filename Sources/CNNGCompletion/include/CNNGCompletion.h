#pragma once
// Nothing to call: linking this target, with --wrap=nni_aio_begin, is what it is for. See begin.c.

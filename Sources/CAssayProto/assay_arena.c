#include "assay_arena.h"

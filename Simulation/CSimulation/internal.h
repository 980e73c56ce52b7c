#ifndef ASSAY_SIMULATION_INTERNAL_H
#define ASSAY_SIMULATION_INTERNAL_H

#include "simulation.h"

// Zero while nothing is simulated.
extern int64_t simulation_now;
extern simulation_callbacks simulation_calls;
uint64_t simulation_random(void);

#endif

/* The interpreter of a machine's tables. The build says KERNEL_VERSION: a hash of this text (library.py). */
#include <stdint.h>

#ifndef KERNEL_VERSION
#define KERNEL_VERSION 0
#endif

int32_t kernel_version(void) { return KERNEL_VERSION; }

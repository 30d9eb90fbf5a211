/* SPDX-License-Identifier: MIT */
/* A fuzzer's input, read piece by piece; behind its end there are zeros. */
#ifndef BYTES_H
#define BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
  const uint8_t *next;
  size_t left;
};

static inline unsigned take(struct bytes *from, unsigned below)
{
  unsigned value = 0;
  for (int i = 0; i < (below > 256 ? 2 : 1) && from->left; i++, from->left--)
    value = value << 8 | *from->next++;
  return value % below;
}

#define EXPECT(condition) \
  ((condition) \
       ? (void)0 \
       : (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition), abort()))

#endif

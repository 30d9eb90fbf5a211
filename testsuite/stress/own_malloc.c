/* SPDX-License-Identifier: MIT */
/* A malloc without locks, for forks that the C library's own malloc would not survive: a block belongs to the thread that freed it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A block's size stands in the grain before it. */
enum { GRAIN = 64, CLASSES = 64 };
static const size_t all_memory = (size_t)1 << (sizeof(void *) == 8 ? 35 : 29);
static char *unused;
static _Thread_local void *freed[CLASSES];

static char *fresh(size_t bytes)
{
  char *memory = __atomic_load_n(&unused, __ATOMIC_ACQUIRE);
  if (!memory) {
    char *const all = mmap(NULL, all_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
      _exit(4);
    if (!__atomic_compare_exchange_n(&unused, &memory, all, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      munmap(all, all_memory);
  }
  return __atomic_fetch_add(&unused, bytes, __ATOMIC_ACQ_REL);
}

void *malloc(size_t bytes)
{
  const size_t grains = (bytes + GRAIN - 1) / GRAIN + !bytes;
  if (grains >= all_memory / GRAIN / 2)
    return errno = ENOMEM, NULL;
  if (grains < CLASSES && freed[grains]) {
    void *const block = freed[grains];
    freed[grains] = *(void **)block;
    return block;
  }
  char *const block = fresh((grains + 1) * GRAIN);
  memcpy(block, &grains, sizeof grains);
  return block + GRAIN;
}

static size_t grains_of(void *block)
{
  size_t grains;
  memcpy(&grains, (char *)block - GRAIN, sizeof grains);
  return grains;
}

void free(void *block)
{
  if (!block || grains_of(block) >= CLASSES)
    return;
  void **const list = &freed[grains_of(block)];
  *(void **)block = *list;
  *list = block;
}

void *calloc(size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes))
    return errno = ENOMEM, NULL;
  void *const block = malloc(bytes);
  return block ? memset(block, 0, bytes) : NULL;
}

void *realloc(void *old, size_t bytes)
{
  void *const block = malloc(bytes);
  if (block && old) {
    const size_t had = grains_of(old) * GRAIN;
    memcpy(block, old, had < bytes ? had : bytes);
    free(old);
  }
  return block;
}

/* Nothing here wants more than a grain's alignment. */
void *aligned_alloc(size_t alignment, size_t bytes)
{
  return alignment <= GRAIN ? malloc(bytes) : (errno = EINVAL, NULL);
}

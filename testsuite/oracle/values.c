/* SPDX-License-Identifier: MIT */
/* Random values with random padding, memory that ends at an unmapped page, and comparison leaf by
   leaf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime.h"

#define SLOT_PAGES 2

static unsigned char *arena;
static size_t page, slot_size;
static uint64_t random_state;

uint64_t random_word(void)
{
  uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void random_seed(uint64_t seed)
{
  random_state = seed;
}

void values_start(void)
{
  page = (size_t)sysconf(_SC_PAGESIZE);
  slot_size = SLOT_PAGES * (page < 8192 ? 8192 : page) + page;
  arena = mmap(NULL, SLOT_COUNT * slot_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (arena == MAP_FAILED) {
    perror("oracle: mmap");
    exit(2);
  }
  for (unsigned slot = 0; slot < SLOT_COUNT; slot++)
    if (mprotect(arena + slot * slot_size, slot_size - page, PROT_READ | PROT_WRITE)) {
      perror("oracle: mprotect");
      exit(2);
    }
  for (unsigned i = 0; i < MAX_ARGS; i++)
    if (posix_memalign((void **)&call.expected[i], 64, slot_size))
      exit(2);
  if (posix_memalign((void **)&call.result_expected, 64, slot_size))
    exit(2);
}

void *guarded(unsigned slot, size_t size)
{
  if (size > slot_size - page) {
    fprintf(stderr, "oracle: a value of %zu bytes does not fit\n", size);
    exit(2);
  }
  return arena + (slot + 1) * slot_size - page - size;
}

void random_fill(const struct type *type, unsigned char *at)
{
  for (size_t i = 0; i < type->size; i++)
    at[i] = (unsigned char)random_word();
  for (unsigned i = 0; i < type->leaf_count; i++) {
    const struct leaf *leaf = &type->leaves[i];
    unsigned char *value = at + leaf->offset;
    if (leaf->kind == LEAF_BOOL)
      for (unsigned j = 0; j < leaf->size; j++)
        value[j] &= 1;
    /* Compiled code may move floating point through a register that quietens NaNs: keep the
       exponent small. */
    if (leaf->kind == LEAF_FLOAT)
      for (unsigned j = 0; j < leaf->size; j += 4) {
        value[j] &= 0xbf;
        value[j + 3] &= 0xbf;
      }
    if (leaf->kind == LEAF_X87 && leaf->size == 10) {
      value[7] |= 0x80; /* the explicit leading bit */
      value[8] |= 1;    /* not the exponent of zero */
      value[9] &= 0xbf; /* nor that of infinity */
    } else if (leaf->kind == LEAF_X87) {
      value[14] &= 0x7f;
    }
  }
}

bool same_value(const struct type *type, const void *a, const void *b, unsigned *where)
{
  for (unsigned i = 0; i < type->leaf_count; i++) {
    const struct leaf *leaf = &type->leaves[i];
    const unsigned char *x = (const unsigned char *)a + leaf->offset;
    const unsigned char *y = (const unsigned char *)b + leaf->offset;
    for (unsigned j = 0; j < leaf->size; j++)
      if (x[j] != y[j]) {
        *where = leaf->offset + j;
        return false;
      }
  }
  return true;
}

void check_value(const struct type *type, const void *got, const void *expected, const char *what,
                 int index)
{
  unsigned where;
  if (same_value(type, got, expected, &where))
    return;
  char bytes[2][3 * 16 + 1];
  const unsigned char *from[2] = {got, expected};
  for (unsigned k = 0; k < 2; k++) {
    unsigned length = 0;
    for (size_t j = where; j < type->size && j < where + 16; j++)
      length += (unsigned)sprintf(bytes[k] + length, "%02x ", from[k][j]);
    bytes[k][length ? length - 1 : 0] = 0;
  }
  if (index >= 0)
    fail("%s %d (%s) differs from byte %u: got %s, expected %s", what, index, type->name, where,
         bytes[0], bytes[1]);
  else
    fail("%s (%s) differs from byte %u: got %s, expected %s", what, type->name, where, bytes[0],
         bytes[1]);
}

void fresh_values(const struct signature *signature)
{
  call.signature = signature;
  call.calls = 0;
  for (int i = 0; i < signature->nargs; i++) {
    const struct type *type = signature->args[i];
    random_fill(type, call.expected[i]);
    call.value[i] = guarded(SLOT_ARGS + (unsigned)i, type->size);
    memcpy(call.value[i], call.expected[i], type->size);
  }
  random_fill(signature->result, call.result_expected);
}

bool is_small_integer(const struct type *type)
{
  return (type->kind == KIND_UNSIGNED || type->kind == KIND_SIGNED) && type->size < sizeof(ffi_arg);
}

size_t result_room(const struct type *type)
{
  return is_small_integer(type) ? sizeof(ffi_arg) : type->size;
}

uint64_t extended(const struct type *type, const void *value)
{
  bool s = type->kind == KIND_SIGNED;
  uint64_t word;
  switch (type->size) {
  case 1: word = s ? (uint64_t)*(const int8_t *)value : *(const uint8_t *)value; break;
  case 2: word = s ? (uint64_t)*(const int16_t *)value : *(const uint16_t *)value; break;
  case 4: word = s ? (uint64_t)*(const int32_t *)value : *(const uint32_t *)value; break;
  default: word = *(const uint64_t *)value; break;
  }
  return sizeof(ffi_arg) == 4 ? (uint32_t)word : word;
}

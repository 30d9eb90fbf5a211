/* SPDX-License-Identifier: MIT */
/* Values of any type: memory of exactly its size, bytes that depend on a number, and whether two
 * values are the same. */
#ifndef VALUES_H
#define VALUES_H

#include <ffi.h>

#include "bytes.h"

/* No bit that makes a signalling NaN. */
static inline void fill(void *value, size_t size, unsigned number)
{
  for (size_t i = 0; i < size; i++)
    ((uint8_t *)value)[i] = (uint8_t)(i * 37 + number * 11 + 5) & 0x3f;
}

/* Exactly so many bytes, so that the sanitizer sees whoever goes beyond them. */
static inline void *memory_of(size_t size)
{
  void *memory;
  EXPECT(posix_memalign(&memory, 64, size) == 0);
  return memory;
}

/* Room for a result: an integral one fills an ffi_arg. */
static inline size_t room_of(const ffi_type *type)
{
  return type->size < sizeof(ffi_arg) ? sizeof(ffi_arg) : type->size;
}

/* Every byte but those that are padding, which nobody has to hand over. */
static inline int same(const ffi_type *type, const void *left, const void *right)
{
  const char *const a = left, *const b = right;
  size_t at = 0;
  switch (type->size == 0 ? FFI_TYPE_VOID : type->type) {
    case FFI_TYPE_VOID: return 1;
    case FFI_TYPE_STRUCT:
      for (ffi_type **member = type->elements; *member; member++) {
        at = (at + (*member)->alignment - 1) & -(size_t)(*member)->alignment;
        if (!same(*member, a + at, b + at))
          return 0;
        at += (*member)->size;
      }
      return 1;
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
    case FFI_TYPE_COMPLEX:
      return same(type->elements[0], a, b) &&
             same(type->elements[0], a + type->size / 2, b + type->size / 2);
#endif
    default:
      /* What x87 calls extended has ten bytes; elsewhere a long double of sixteen has them all, and
       * ten of them are enough here. */
      return memcmp(a, b, type->type == FFI_TYPE_LONGDOUBLE && type->size > 10 ? 10 : type->size) ==
             0;
  }
}

#endif

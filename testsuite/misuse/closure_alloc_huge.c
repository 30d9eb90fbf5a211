/* SPDX-License-Identifier: MIT */
/* Misuse: closures larger than memory. */
/* Expect: exit 0, prints "NULL NULL NULL and works" */
#include "misuse.h"

int main(void)
{
  static const size_t sizes[] = {(size_t)-1, (size_t)-4096, (size_t)-65536};
  for (int i = 0; i < 3; i++) {
    void *code;
    puts(ffi_closure_alloc(sizes[i], &code) ? "a closure" : "NULL");
  }
  return still_works();
}

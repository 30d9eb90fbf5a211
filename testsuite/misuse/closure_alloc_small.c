/* SPDX-License-Identifier: MIT */
/* Misuse: closures smaller than an ffi_closure. */
/* Expect: exit 0, prints "NULL NULL NULL and works" */
#include "misuse.h"

int main(void)
{
  static const size_t sizes[] = {0, 1, sizeof(ffi_closure) - 1};
  for (int i = 0; i < 3; i++) {
    void *code;
    puts(ffi_closure_alloc(sizes[i], &code) ? "a closure" : "NULL");
  }
  return still_works();
}

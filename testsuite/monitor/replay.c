/* SPDX-License-Identifier: MIT */
/* Gives a fuzz target, without a fuzzer, the inputs of a corpus: replay FILE, one input a line, in hexadecimal. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **words)
{
  FILE *const file = count == 2 ? fopen(words[1], "r") : NULL;
  uint8_t *input = NULL;
  size_t size = 0;
  unsigned byte;
  int inputs = 0;
  if (!file)
    return 2;
  for (int c; (c = getc(file)) != EOF;) {
    if (c == '\n') {
      LLVMFuzzerTestOneInput(input, size);
      inputs++;
      size = 0;
      continue;
    }
    ungetc(c, file);
    input = realloc(input, size + 1);
    if (!input || fscanf(file, "%2x", &byte) != 1)
      return 2;
    input[size++] = (uint8_t)byte;
  }
  free(input);
  return inputs == 0;
}

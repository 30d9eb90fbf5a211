/* SPDX-License-Identifier: MIT */
/* What every hostile setting has to bear: signatures prepared and called, and a batch of closures made, called from C and through
   ffi_call, half of them freed, made again, and all freed. A refusal is a status or NULL; then what was made must work. */
#include <ffi.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

struct entry {
  ffi_closure *closure;
  void *code;
  ffi_cif cif;
  long data;
};
static struct entry before[BATCH], within[BATCH];
static int before_count;

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(long *)values[0] + (long)*(double *)values[1] + *(long *)user_data;
}

static long plain(long a, double b) { return a * 2 + (long)b; }

struct five { long a, b, c, d, e; };
static long total(struct five value) { return value.a + value.b + value.c + value.d + value.e; }

static void stage(const char *name) { snprintf(report->stage, sizeof report->stage, "%s", name); }

static void refuse(const char *function)
{
  if (!report->refusal[0])
    snprintf(report->refusal, sizeof report->refusal, "%s", function);
}

static ffi_type *two[] = {&ffi_type_slong, &ffi_type_double};

/* Signatures need no help from the system: they never refuse. The number makes shapes that were not seen before. */
static void calls(int number)
{
  static ffi_type *parts[] = {&ffi_type_slong, &ffi_type_slong, &ffi_type_slong, &ffi_type_slong, &ffi_type_slong, NULL};
  ffi_type structure = {0, 0, FFI_TYPE_STRUCT, parts};
  ffi_type *one[] = {&structure};
  ffi_type *many[24];
  struct five value = {1, 2, 3, 4, 5};
  long a = 20;
  double b = 2.5;
  ffi_arg result = 0;
  ffi_cif cif;

  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two) != FFI_OK)
    trouble("ffi_prep_cif refused a signature of scalars");
  ffi_call(&cif, FFI_FN(plain), &result, (void *[]){&a, &b});
  if ((long)result != 42)
    trouble("a call gave %ld, not 42", (long)result);
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, one) != FFI_OK)
    trouble("ffi_prep_cif refused a struct");
  ffi_call(&cif, FFI_FN(total), &result, (void *[]){&value});
  if ((long)result != 15)
    trouble("a call with a struct gave %ld, not 15", (long)result);
  for (int i = 0; i < 24; i++)
    many[i] = number >> (i % 10) & 1 ? &ffi_type_sint : &ffi_type_float;
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, (unsigned)number % 24, &ffi_type_void, many) != FFI_OK)
    trouble("ffi_prep_cif refused a new shape");
}

static int make(struct entry *entry, long data)
{
  *entry = (struct entry){.data = data};
  if (ffi_prep_cif(&entry->cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two) != FFI_OK) {
    trouble("ffi_prep_cif refused");
    return 0;
  }
  entry->closure = ffi_closure_alloc(sizeof *entry->closure, &entry->code);
  if (!entry->closure) {
    refuse("ffi_closure_alloc");
    return 0;
  }
  if (ffi_prep_closure_loc(entry->closure, &entry->cif, handler, &entry->data, entry->code) != FFI_OK) {
    refuse("ffi_prep_closure_loc");
    ffi_closure_free(entry->closure);
    entry->closure = NULL;
    return 0;
  }
  return 1;
}

static void use(struct entry *entry)
{
  long a = 3;
  double b = 4.0;
  ffi_arg result = 0;
  long want = 7 + entry->data;
  if (!entry->closure)
    return;
  if (((long (*)(long, double))entry->code)(a, b) != want)
    trouble("a closure gave a wrong result");
  ffi_call(&entry->cif, FFI_FN(entry->code), &result, (void *[]){&a, &b});
  if ((long)result != want)
    trouble("a closure called through ffi_call gave a wrong result");
}

static void drop(struct entry *entry)
{
  ffi_closure_free(entry->closure);
  entry->closure = NULL;
}

void work_before(int closures)
{
  before_count = closures;
  stage("before the setting");
  for (int i = 0; i < closures; i++)
    if (!make(&before[i], i))
      trouble("closure %d was refused before the setting", i);
}

void work_within(void)
{
  stage("calls");
  for (int i = 0; i < 50; i++)
    calls(i * 37);
  stage("closures made before");
  for (int i = 0; i < before_count; i++)
    use(&before[i]);
  stage("making closures");
  report->wanted = BATCH;
  for (int i = 0; i < BATCH; i++)
    report->made += make(&within[i], i * 10L);
  stage("calling closures");
  for (int i = 0; i < BATCH; i++)
    use(&within[i]);
  stage("freeing every second");
  for (int i = 0; i < BATCH; i += 2)
    drop(&within[i]);
  for (int i = 1; i < BATCH; i += 2)
    use(&within[i]);
  stage("making them again");
  for (int i = 0; i < BATCH; i += 2)
    make(&within[i], i * 10L + 1);
  for (int i = 0; i < BATCH; i++)
    use(&within[i]);
  stage("freeing all");
  for (int i = 0; i < before_count; i++) {
    use(&before[i]);
    drop(&before[i]);
  }
  for (int i = 0; i < BATCH; i++)
    drop(&within[i]);
  stage("one at a time");
  for (int i = 0; i < BATCH; i++) {
    if (!make(&within[0], i))
      break;
    use(&within[0]);
    drop(&within[0]);
  }
  stage("calls at the end");
  calls(1000);
}

/* Nothing writable and executable, nothing foreign executable. Read in one piece of static memory: allocation may be refused. */
void look_at_mappings(void)
{
  static char text[1 << 20];
  size_t length = 0;
  ssize_t got;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  report->shared_copies = -1;
  if (fd < 0)
    return;
  while (length < sizeof text - 1 && (got = read(fd, text + length, sizeof text - 1 - length)) > 0)
    length += (size_t)got;
  close(fd);
  report->shared_copies = 0;
  for (char *line = text, *end; *line; line = end + 1) {
    end = strchr(line, '\n');
    if (!end)
      break;
    *end = 0;
    char *rights = strchr(line, ' ');
    if (!rights || strlen(rights) < 5)
      continue;
    if (rights[2] == 'w' && rights[3] == 'x')
      trouble("writable and executable: %.120s", line);
    if (rights[3] == 'x' && strstr(line, "foreign"))
      trouble("a foreign file is executable: %.120s", line);
    if (rights[3] == 'x' && rights[4] == 's' && !strstr(line, "memfd"))
      report->shared_copies++;
  }
}

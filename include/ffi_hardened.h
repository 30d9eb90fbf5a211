/* SPDX-License-Identifier: MIT */
/* What this library adds to libffi's interface.

   Everything here carries the symbol version LIBFFI_HARDENED_1.0, so a program that uses it does not run
   with another libffi.so.8 by accident; ask with dlsym or a weak reference to run with both.
   All functions are safe in any thread. Strings are static and never freed.  */
#ifndef FFI_HARDENED_H
#define FFI_HARDENED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this implementation, unlike ffi_get_version, which names the interface.  */
#define FFI_HARDENED_VERSION "0.1.0"
const char *ffi_hardened_version(void);

/* Where closures get their trampolines from, the best first; NONE: nowhere, and ffi_closure_alloc returns NULL.  */
typedef enum ffi_hardened_mode
{
  FFI_HARDENED_MODE_NONE,
  FFI_HARDENED_MODE_KERNEL,
  FFI_HARDENED_MODE_TABLE,
  FFI_HARDENED_MODE_LEGACY
} ffi_hardened_mode;

/* How the records of closures are protected, the strongest first. SECURITY.md says what each stops.  */
typedef enum ffi_hardened_policy
{
  FFI_HARDENED_POLICY_STRICT = 1,
  FFI_HARDENED_POLICY_AGED,
  FFI_HARDENED_POLICY_OPEN
} ffi_hardened_policy;

/* Protections that are in force: bits of ffi_hardened_info.protections.  */
#define FFI_HARDENED_STATE_READ_ONLY 1u  /* nobody can choose another mode or policy any more */
#define FFI_HARDENED_SEALED 2u           /* mseal keeps the state and the tables where and as they are */
#define FFI_HARDENED_CODE_FIXED 4u       /* copied tables can never be made writable, nor written by /proc/self/mem */
#define FFI_HARDENED_PLANS_READ_ONLY 8u  /* compiled signatures cannot be written */

/* What there is and what was done, at the moment of asking: counts of other threads may be a moment old.  */
typedef struct ffi_hardened_info
{
  uint32_t mode;           /* ffi_hardened_mode */
  uint32_t policy;         /* ffi_hardened_policy */
  uint32_t protections;    /* FFI_HARDENED_ bits */
  uint32_t refusals;       /* how many ffi_hardened_refusal can tell of */
  uint64_t closures;       /* that are allocated now */
  uint64_t allocations;    /* ever */
  uint64_t caller_memory;  /* trampolines written into memory of the caller's, ever */
  uint64_t tables;         /* made beyond the built-in one */
  uint64_t writable_pages; /* of records, now: young ones under policy `aged' */
  uint64_t seals;          /* pages of records made read-only, ever */
  uint64_t opens;          /* and made writable again */
  uint64_t returns;        /* and given back to the system */
  uint64_t plans;          /* signatures that are kept compiled */
  uint64_t plans_refused;  /* times that one could not be kept: its calls compile it each time */
  uint64_t unplanned;      /* closures bound to such a one, ever: each call reads the cif and its types */
} ffi_hardened_info;

/* Fill in the first `size' bytes of *info; returns how many this library knows, so that either may be newer. The
   first question, like the first closure, fixes mode and policy for the life of the process.  */
size_t ffi_hardened_query(ffi_hardened_info *info, size_t size);

/* Something better than what is in force, and why it is not.  */
typedef struct ffi_hardened_refusal
{
  uint32_t mode;     /* the ffi_hardened_mode it belongs to */
  int32_t error;     /* the errno of the system call that was refused; 0 when none was */
  const char *step;  /* what could not be done, in English */
} ffi_hardened_refusal;

/* The refusal of this index, from 0; 0 when there is none.  */
int ffi_hardened_get_refusal(uint32_t index, ffi_hardened_refusal *refusal);

/* Under policy `aged': make the records of all closures read-only now, for programs that know when they have made
   their closures, such as before they read what somebody sent. Otherwise nothing. Not in a signal handler.  */
void ffi_hardened_seal(void);

#ifdef __cplusplus
}
#endif

#endif

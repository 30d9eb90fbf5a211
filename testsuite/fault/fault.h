/* SPDX-License-Identifier: MIT */
/* What the parts of the fault program share: which call of the library's to the system fails, and what is tried meanwhile. */
#ifndef FAULT_H
#define FAULT_H

#include <stddef.h>

/* How the chosen call fails: alone, with all later ones of its kind, or with all later ones of any kind. */
enum style { ONCE, ITS_KIND, EVERYTHING };

/* Let the number-th call from now on (1: the first) fail; 0: none. Calls are counted anew, until disarm(). */
void arm(unsigned number, enum style style);
void disarm(void);

/* Calls since arm(), whether one failed, its function's name. */
unsigned calls_seen(void);
const char *failed_call(void);

/* How many changes of protection, and of records by the kernel's device, failed in this process. A closure whose record cannot be changed
   any more is kept for ever rather than freed under its trampoline (trampfd-glue/README.md): as many blocks and counted closures
   as this may be lost. */
unsigned changes_refused(void);

/* Blocks the library has from malloc and has not freed. */
long blocks_held(void);

/* A scenario uses public functions and says how it went: WORKED, REFUSED by a status or NULL; WRONG results end the
   program. Whatever happens, it gives everything back. */
enum outcome { WORKED, REFUSED };
struct scenario {
  const char *name;
  enum outcome (*run)(void);
  int slots;              /* it uses the library's own closures, which every mode serves in another way */
  int keeps;              /* it adds to what the library keeps for the life of the process */
  const char *last_words; /* where a function has no status to return: what it may say and abort */
};
extern const struct scenario scenarios[];

/* Called before the chosen call fails. */
void notice(const char *call);

/* Ends the child with a complaint. */
void wrong(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif

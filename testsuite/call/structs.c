/* SPDX-License-Identifier: MIT */
/* Area: ffi_call. Purpose: structs by value, of every size from 1 to 16 bytes and above, as
   arguments and results, in registers, in memory, with NULL for the result. Expected: every byte
   arrives; exactly the struct is written. */
/* { dg-do run } */
#include "ffitest.h"

/* struct of n bytes: byte i of the result is byte n-1-i of the argument plus k. */
#define SIZES(X)                                                                                   \
  X(1)                                                                                             \
  X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(24)    \
      X(31) X(32) X(64) X(100) X(200)
#define DEFINE_BYTES(n) \
  struct bytes##n { unsigned char b[n]; }; \
  static struct bytes##n turn##n(struct bytes##n x, int k) \
  { \
    struct bytes##n y; \
    for (int i = 0; i < n; i++) \
      y.b[i] = (unsigned char)(x.b[n - 1 - i] + k); \
    memset((void *)&x, 0, sizeof x); /* the callee owns its copy: the caller must not see this */ \
    __asm__ volatile("" : : "r"(&x) : "memory"); \
    return y; \
  } \
  static void test_bytes##n(void) \
  { \
    ffi_type *elements[n + 1] = {NULL}; \
    for (int i = 0; i < n; i++) \
      elements[i] = &ffi_type_uint8; \
    ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements}, *types[] = {&type, &ffi_type_sint}; \
    ffi_cif cif; \
    ffitest_prepare(&cif, &type, 2, types); \
    CHECK_EQUAL(type.size, n); \
    CHECK_EQUAL(type.alignment, 1); \
    struct bytes##n x; \
    int k = 5; \
    unsigned char result[n + 32]; \
    memset(result, 0xcc, sizeof result); \
    for (int i = 0; i < n; i++) \
      x.b[i] = (unsigned char)(i * 7 + 1); \
    ffi_call(&cif, FFI_FN(turn##n), result + 16, (void *[]){&x, &k}); \
    for (int i = 0; i < n; i++) { \
      CHECK_EQUAL(result[16 + i], (unsigned char)(x.b[n - 1 - i] + 5)); \
      CHECK_EQUAL(x.b[i], (unsigned char)(i * 7 + 1)); \
    } \
    for (int i = 0; i < 16; i++) { \
      CHECK_EQUAL(result[i], 0xcc); \
      CHECK_EQUAL(result[16 + n + i], 0xcc); \
    } \
    ffi_call(&cif, FFI_FN(turn##n), NULL, (void *[]){&x, &k}); \
  }
SIZES(DEFINE_BYTES)

/* One struct for each way in which the eight bytes of a register can be classed. */
struct pair_dd { double a, b; };
struct pair_ff { float a, b; };
struct pair_fi { float a; int b; };
struct pair_dl { double a; long b; };
struct pair_ld { long a; double b; };
struct three_f { float a, b, c; };
struct four_f { float a, b, c, d; };
struct nested { char c; struct { short s; struct pair_ff f; } in; };
struct array { short s[5]; char c[3]; };
struct with_long_double { long double l; int i; };
struct big { long a[9]; double d; };

static struct pair_dd f_dd(struct pair_dd x, double y)
{
  return (struct pair_dd){x.b + y, x.a - y};
}
static struct pair_ff f_ff(struct pair_ff x, double y)
{
  return (struct pair_ff){x.b + (float)y, x.a - (float)y};
}
static struct pair_fi f_fi(struct pair_fi x, double y)
{
  return (struct pair_fi){x.a + (float)y, x.b + (int)y};
}
static struct pair_dl f_dl(struct pair_dl x, double y)
{
  return (struct pair_dl){x.a + y, x.b + (long)y};
}
static struct pair_ld f_ld(struct pair_ld x, double y)
{
  return (struct pair_ld){x.a + (long)y, x.b + y};
}
static struct three_f f_3f(struct three_f x, double y)
{
  return (struct three_f){x.c, x.a, x.b + (float)y};
}
static struct four_f f_4f(struct four_f x, double y)
{
  return (struct four_f){x.d, x.c, x.b, x.a + (float)y};
}
static struct nested f_nested(struct nested x, double y)
{
  x.c++;
  x.in.s = (short)(x.in.s - (short)y);
  x.in.f.a += (float)y;
  return x;
}
static struct array f_array(struct array x, double y)
{
  x.s[4] = (short)(x.s[4] + (short)y);
  x.c[2]++;
  return x;
}
static struct with_long_double f_wld(struct with_long_double x, double y)
{
  x.l += y;
  x.i++;
  return x;
}
static struct big f_big(struct big x, double y)
{
  x.a[8] += x.a[0];
  x.d += y;
  return x;
}

#define SAME(x, y, member) CHECK((x).member == (y).member)
#define ELEMENTS(...) (ffi_type *[]) { __VA_ARGS__, NULL }
#define CALL(type_, function, element_list) \
  ffi_type t_##function = {0, 0, FFI_TYPE_STRUCT, element_list}; \
  ffi_type *types_##function[] = {&t_##function, &ffi_type_double}; \
  ffi_cif cif_##function; \
  ffitest_prepare(&cif_##function, &t_##function, 2, types_##function); \
  CHECK_EQUAL(t_##function.size, sizeof(struct type_)); \
  CHECK_EQUAL(t_##function.alignment, _Alignof(struct type_)); \
  struct type_ got_##function, want_##function = function(x_##function, y); \
  ffi_call(&cif_##function, FFI_FN(function), &got_##function, (void *[]){&x_##function, &y})

static void test_classes(void)
{
  ffi_type *d = &ffi_type_double, *f = &ffi_type_float, *i = &ffi_type_sint, *l = &ffi_type_slong;
  ffi_type *s = &ffi_type_sshort, *c = &ffi_type_schar;
  double y = 3;
  struct pair_dd x_f_dd = {1.5, -2};
  CALL(pair_dd, f_dd, ELEMENTS(d, d));
  SAME(got_f_dd, want_f_dd, a); SAME(got_f_dd, want_f_dd, b);
  struct pair_ff x_f_ff = {1.5, -2};
  CALL(pair_ff, f_ff, ELEMENTS(f, f));
  SAME(got_f_ff, want_f_ff, a); SAME(got_f_ff, want_f_ff, b);
  struct pair_fi x_f_fi = {1.5, -2};
  CALL(pair_fi, f_fi, ELEMENTS(f, i));
  SAME(got_f_fi, want_f_fi, a); SAME(got_f_fi, want_f_fi, b);
  struct pair_dl x_f_dl = {1.5, -2};
  CALL(pair_dl, f_dl, ELEMENTS(d, l));
  SAME(got_f_dl, want_f_dl, a); SAME(got_f_dl, want_f_dl, b);
  struct pair_ld x_f_ld = {15, -2.5};
  CALL(pair_ld, f_ld, ELEMENTS(l, d));
  SAME(got_f_ld, want_f_ld, a); SAME(got_f_ld, want_f_ld, b);
  struct three_f x_f_3f = {1, 2, 3};
  CALL(three_f, f_3f, ELEMENTS(f, f, f));
  SAME(got_f_3f, want_f_3f, a); SAME(got_f_3f, want_f_3f, b); SAME(got_f_3f, want_f_3f, c);
  struct four_f x_f_4f = {1, 2, 3, 4};
  CALL(four_f, f_4f, ELEMENTS(f, f, f, f));
  SAME(got_f_4f, want_f_4f, a); SAME(got_f_4f, want_f_4f, b); SAME(got_f_4f, want_f_4f, c);
  SAME(got_f_4f, want_f_4f, d);

  ffi_type pair = {0, 0, FFI_TYPE_STRUCT, ELEMENTS(f, f)};
  ffi_type inner = {0, 0, FFI_TYPE_STRUCT, ELEMENTS(s, &pair)};
  struct nested x_f_nested = {1, {2, {3, 4}}};
  CALL(nested, f_nested, ELEMENTS(c, &inner));
  SAME(got_f_nested, want_f_nested, c); SAME(got_f_nested, want_f_nested, in.s);
  SAME(got_f_nested, want_f_nested, in.f.a); SAME(got_f_nested, want_f_nested, in.f.b);
  struct array x_f_array = {{1, 2, 3, 4, 5}, {6, 7, 8}};
  CALL(array, f_array, ELEMENTS(s, s, s, s, s, c, c, c));
  CHECK(!memcmp(got_f_array.s, want_f_array.s, sizeof got_f_array.s));
  CHECK(!memcmp(got_f_array.c, want_f_array.c, sizeof got_f_array.c));
  struct with_long_double x_f_wld = {1.25L, 9};
  CALL(with_long_double, f_wld, ELEMENTS(&ffi_type_longdouble, i));
  SAME(got_f_wld, want_f_wld, l); SAME(got_f_wld, want_f_wld, i);
  struct big x_f_big = {{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0.5};
  CALL(big, f_big, ELEMENTS(l, l, l, l, l, l, l, l, l, d));
  CHECK(!memcmp(got_f_big.a, want_f_big.a, sizeof got_f_big.a));
  SAME(got_f_big, want_f_big, d);
}

/* Structs that meet registers nearly used up: each goes whole into registers or whole onto the
   stack. */
struct two_longs { long a, b; };
static long spill(long a, long b, long c, long d, long e, struct two_longs s, double x,
                  struct pair_ld m, long f)
{
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * s.a + 7 * s.b + 8 * (long)x + 9 * m.a +
         10 * (long)m.b + 11 * f;
}

static void test_spill(void)
{
  ffi_type *l = &ffi_type_slong, *d = &ffi_type_double;
  ffi_type two = {0, 0, FFI_TYPE_STRUCT, ELEMENTS(l, l)},
           mixed = {0, 0, FFI_TYPE_STRUCT, ELEMENTS(l, d)};
  ffi_type *types[] = {l, l, l, l, l, &two, d, &mixed, l};
  long n[] = {1, -2, 3, -4, 5, -6};
  struct two_longs s = {70, -80};
  struct pair_ld m = {900, -1000};
  double x = 11;
  ffi_cif cif;
  long got = 0;
  ffitest_prepare(&cif, l, 9, types);
  ffi_call(&cif, FFI_FN(spill), &got,
           (void *[]){&n[0], &n[1], &n[2], &n[3], &n[4], &s, &x, &m, &n[5]});
  CHECK_EQUAL(got, spill(n[0], n[1], n[2], n[3], n[4], s, x, m, n[5]));
}

/* A packed struct is described by members of alignment 1. Unaligned members send it to memory,
   whatever its size. */
struct __attribute__((packed)) packed { char c; double d; short s; };
struct __attribute__((packed)) aligned_packed { int i; short s; char c; };
static struct packed f_packed(int before, struct packed x, int after)
{
  return (struct packed){(char)(x.c + before), x.d + after, (short)-x.s};
}
static struct aligned_packed f_aligned(int before, struct aligned_packed x, int after)
{
  return (struct aligned_packed){x.i + before, (short)(x.s + after), (char)(x.c + 1)};
}

static void test_packed(void)
{
  ffi_type d = ffi_type_double, s = ffi_type_sint16, i = ffi_type_sint32;
  d.alignment = s.alignment = i.alignment = 1;
  ffi_type packed = {0, 0, FFI_TYPE_STRUCT, ELEMENTS(&ffi_type_schar, &d, &s)};
  ffi_type *types[] = {&ffi_type_sint, &packed, &ffi_type_sint};
  ffi_cif cif;
  int before = 2, after = 30;
  struct packed x = {'a', 0.5, 77}, y = {0, 0, 0};
  ffitest_prepare(&cif, &packed, 3, types);
  CHECK_EQUAL(packed.size, sizeof x);
  CHECK_EQUAL(packed.alignment, 1);
  ffi_call(&cif, FFI_FN(f_packed), &y, (void *[]){&before, &x, &after});
  CHECK(y.c == 'c' && y.d == 30.5 && y.s == -77);

  ffi_type aligned = {0, 0, FFI_TYPE_STRUCT, ELEMENTS(&i, &s, &ffi_type_schar)};
  types[1] = &aligned;
  struct aligned_packed z = {100000, 7, 'x'}, w = {0, 0, 0};
  ffitest_prepare(&cif, &aligned, 3, types);
  CHECK_EQUAL(aligned.size, sizeof z);
  ffi_call(&cif, FFI_FN(f_aligned), &w, (void *[]){&before, &z, &after});
  CHECK(w.i == 100002 && w.s == 37 && w.c == 'y');
}

/* GNU C's empty struct takes no room anywhere. */
struct empty { };
static int f_empty(int a, struct empty b, int c, struct empty d, int e)
{
  (void)b, (void)d;
  return a + 10 * c + 100 * e;
}
static struct empty give_empty(int *called)
{
  *called = 1;
  return (struct empty){};
}

/* A struct whose size the caller knows, with members that nobody laid out. */
struct with_empty { struct empty e; struct { int i; short s; } pair; struct empty f; float x; };
static struct with_empty f_with_empty(int before, struct with_empty w, struct empty e)
{
  (void)e;
  w.pair.i += before, w.pair.s = (short)(w.pair.s * 2), w.x /= 2;
  return w;
}

static void test_empty_members(void)
{
#if FFI_VERSION_NUMBER >= 30800
  ffi_type *none[] = {NULL}, empty = {0, 0, FFI_TYPE_STRUCT, none};
  ffi_type *of_pair[] = {&ffi_type_sint, &ffi_type_sshort, NULL};
  ffi_type pair = {0, 0, FFI_TYPE_STRUCT, of_pair};
  ffi_type *members[] = {&empty, &pair, &empty, &ffi_type_float, NULL};
  ffi_type outer = {sizeof(struct with_empty), _Alignof(struct with_empty), FFI_TYPE_STRUCT,
                    members};
  ffi_type *types[] = {&ffi_type_sint, &outer, &empty};
  ffi_cif cif;
  int before = 5;
  struct with_empty w = {{}, {100, 7}, {}, 3}, got[3];
  memset(got, 0x5a, sizeof got);
  ffitest_prepare(&cif, &outer, 3, types);
  ffi_call(&cif, FFI_FN(f_with_empty), &got[1], (void *[]){&before, &w, &w});
  CHECK(got[1].pair.i == 105 && got[1].pair.s == 14 && got[1].x == 1.5f);
  CHECK(got[0].pair.i == 0x5a5a5a5a && got[2].pair.i == 0x5a5a5a5a);
  CHECK_EQUAL(empty.alignment, 1);
#endif
}

static void test_empty(void)
{
#if FFI_VERSION_NUMBER >= 30800
  ffi_type *none[] = {NULL}, empty = {0, 0, FFI_TYPE_STRUCT, none}, *i = &ffi_type_sint;
  ffi_type *types[] = {i, &empty, i, &empty, i}, *pointer[] = {&ffi_type_pointer};
  ffi_cif cif;
  int a = 1, c = 2, e = 3, called = 0, *at = &called;
  ffi_sarg got = 0;
  ffitest_prepare(&cif, i, 5, types);
  CHECK_EQUAL(empty.size, 0);
  CHECK_EQUAL(empty.alignment, 1);
  ffi_call(&cif, FFI_FN(f_empty), &got, (void *[]){&a, &got, &c, &got, &e});
  CHECK_EQUAL(got, 321);
  ffitest_prepare(&cif, &empty, 1, pointer);
  got = 55;
  ffi_call(&cif, FFI_FN(give_empty), &got, (void *[]){&at});
  CHECK(called == 1 && got == 55);
#endif
}

int main(void)
{
#define RUN(n) test_bytes##n();
  SIZES(RUN)
  test_packed();
  test_empty();
  test_empty_members();
  test_classes();
  test_spill();
  return ffitest_end();
}

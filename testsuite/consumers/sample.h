/* SPDX-License-Identifier: MIT */
/* The structs and functions of sample.c, in the subset of C that CFFI's cdef reads too.  */
struct one { int a; };
struct pair { long a, b; };
struct point { double x, y; };
struct floats { float a, b, c; };
struct mixed { double d; int i; };
struct nested { struct one o; struct floats f; char tail[3]; };
struct big { long long v[8]; };

signed char echo_i8(signed char x);
unsigned char echo_u8(unsigned char x);
short echo_i16(short x);
unsigned short echo_u16(unsigned short x);
int echo_i32(int x);
unsigned echo_u32(unsigned x);
long long echo_i64(long long x);
unsigned long long echo_u64(unsigned long long x);
float echo_float(float x);
double echo_double(double x);
long double echo_ldouble(long double x);
void *echo_ptr(void *x);
struct one echo_one(struct one x);
struct pair echo_pair(struct pair x);
struct point echo_point(struct point x);
struct floats echo_floats(struct floats x);
struct mixed echo_mixed(struct mixed x);
struct nested echo_nested(struct nested x);
struct big echo_big(struct big x);

signed char back_i8(signed char (*f)(signed char), signed char x);
unsigned char back_u8(unsigned char (*f)(unsigned char), unsigned char x);
short back_i16(short (*f)(short), short x);
unsigned short back_u16(unsigned short (*f)(unsigned short), unsigned short x);
int back_i32(int (*f)(int), int x);
unsigned back_u32(unsigned (*f)(unsigned), unsigned x);
long long back_i64(long long (*f)(long long), long long x);
unsigned long long back_u64(unsigned long long (*f)(unsigned long long), unsigned long long x);
float back_float(float (*f)(float), float x);
double back_double(double (*f)(double), double x);
long double back_ldouble(long double (*f)(long double), long double x);
void *back_ptr(void *(*f)(void *), void *x);
struct one back_one(struct one (*f)(struct one), struct one x);
struct pair back_pair(struct pair (*f)(struct pair), struct pair x);
struct point back_point(struct point (*f)(struct point), struct point x);
struct floats back_floats(struct floats (*f)(struct floats), struct floats x);
struct mixed back_mixed(struct mixed (*f)(struct mixed), struct mixed x);
struct nested back_nested(struct nested (*f)(struct nested), struct nested x);
struct big back_big(struct big (*f)(struct big), struct big x);

double many(int a, double b, char c, float d, long e, double f, short g, struct point h, long long i, struct big j,
            float k, unsigned char l, double m, double n, double o, double p, double q, int r);
double sum_varargs(const char *kinds, ...);
int recurse(int (*f)(int), int depth);
int in_threads(int (*f)(int), int threads, int rounds);
void call_all(void (*f[])(void), int count);
int on_signal(void (*f)(int), int number);
int (*pick(int which))(int);

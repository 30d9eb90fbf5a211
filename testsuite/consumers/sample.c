/* SPDX-License-Identifier: MIT */
/* What the exercises call and are called back from: every kind of argument, structs of many sizes,
   varargs, and callbacks run by threads that the interpreter does not know.  */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sample.h"

#define ECHO(name, type)                                                       \
  type echo_##name(type x) { return x; }                                       \
  type back_##name(type (*f)(type), type x) { return f(x); }
ECHO(i8, signed char)
ECHO(u8, unsigned char)
ECHO(i16, short)
ECHO(u16, unsigned short)
ECHO(i32, int)
ECHO(u32, unsigned)
ECHO(i64, long long)
ECHO(u64, unsigned long long)
ECHO(float, float)
ECHO(double, double)
ECHO(ptr, void *)
ECHO(one, struct one)
ECHO(pair, struct pair)
ECHO(point, struct point)
ECHO(floats, struct floats)
ECHO(mixed, struct mixed)
ECHO(nested, struct nested)
ECHO(big, struct big)

long double echo_ldouble(long double x) { return x; }
long double back_ldouble(long double (*f)(long double), long double x) { return f(x); }

double many(int a, double b, char c, float d, long e, double f, short g, struct point h, long long i, struct big j,
            float k, unsigned char l, double m, double n, double o, double p, double q, int r)
{
  return a + b + c + d + (double)e + f + g + h.x + h.y + (double)i + (double)j.v[0] + (double)j.v[7] + k + l + m + n
         + o + p + q + r;
}

double sum_varargs(const char *kinds, ...)
{
  va_list list;
  double sum = 0;
  va_start(list, kinds);
  for (; *kinds != '\0'; kinds++)
    switch (*kinds)
      {
      case 'i': sum += va_arg(list, int); break;
      case 'l': sum += (double)va_arg(list, long); break;
      case 'd': sum += va_arg(list, double); break;
      case 's':
        {
          struct point p = va_arg(list, struct point);
          sum += p.x + p.y;
          break;
        }
      }
  va_end(list);
  return sum;
}

int recurse(int (*f)(int), int depth) { return depth == 0 ? 0 : 1 + f(depth - 1); }

struct job
{
  int (*f)(int);
  int rounds, wrong;
};

static void *work(void *arg)
{
  struct job *job = arg;
  for (int i = 0; i < job->rounds; i++)
    job->wrong += job->f(i) != i + 1;
  return NULL;
}

int in_threads(int (*f)(int), int threads, int rounds)
{
  struct job *jobs = calloc((size_t)threads, sizeof *jobs);
  pthread_t *ids = calloc((size_t)threads, sizeof *ids);
  int wrong = 0, started = 0;
  if (jobs != NULL && ids != NULL)
    for (; started < threads; started++)
      {
        jobs[started] = (struct job){f, rounds, 0};
        if (pthread_create(&ids[started], NULL, work, &jobs[started]) != 0)
          break;
      }
  for (int i = 0; i < started; i++)
    {
      pthread_join(ids[i], NULL);
      wrong += jobs[i].wrong;
    }
  free(jobs);
  free(ids);
  return started == threads ? wrong : -1;
}

void call_all(void (*f[])(void), int count)
{
  for (int i = 0; i < count; i++)
    f[i]();
}

int on_signal(void (*f)(int), int number)
{
  void (*old)(int) = signal(number, f);
  if (old == SIG_ERR)
    return -1;
  raise(number);
  return signal(number, old) == SIG_ERR ? -1 : 0;
}

int (*pick(int which))(int)
{
  return which ? echo_i32 : abs;
}
